#include "vglaw/train/process_group.h"

#include "vglaw/core/error.h"

#ifdef VGLAW_GLOO
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include <optional>

#include "vglaw/train/gpu_sums.h"
#include "vglaw/train/rendezvous.h"
#endif

namespace vglaw::train {
namespace {

void require_gpu(const torch::Device& device) {
    if (device.is_cuda()) return;
    fail(ErrorCode::invalid_argument,
         "train.dist_backend is nccl, which sums on GPUs, but train.device is {}; set train.dist_backend = gloo",
         device.str());
}

}  // namespace

#ifdef VGLAW_GLOO

using std::chrono::milliseconds;

struct ProcessGroup::Meeting {
    Meeting(const Launch& launch, std::chrono::seconds timeout) : ranks(launch, timeout) {}
    [[nodiscard]] bool idle() const { return under_way == 0 && (!gpu || gpu->idle()); }
    Rendezvous ranks;
    c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
    int under_way = 0;           // sums started and not yet finished
    std::optional<GpuSums> gpu;  // set: NCCL was asked for
};

class ProcessGroup::Pending {
public:
    explicit Pending(Work work, bool on_gpu = false) : work(std::move(work)), on_gpu(on_gpu) {}
    Work work;
    bool on_gpu;
};

namespace {

std::string first_line(const std::exception& error) {
    const std::string text = error.what();
    return text.substr(0, text.find('\n'));
}

std::shared_ptr<gloo::transport::Device> device_for(const std::string& address) {
    const std::string interface = environment("GLOO_SOCKET_IFNAME");
    if (!interface.empty()) return c10d::ProcessGroupGloo::createDeviceForInterface(interface);
    const bool local = address == "localhost" || address.starts_with("127.");
    return local ? c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1")
                 : c10d::ProcessGroupGloo::createDefaultDevice();
}

}  // namespace

ProcessGroup::ProcessGroup(const Launch& launch, std::chrono::seconds timeout) : launch_(launch) {
    if (alone()) return;
    meeting_ = std::make_unique<Meeting>(launch, timeout);
    try {
        auto options = c10d::ProcessGroupGloo::Options::create(std::chrono::minutes(30));
        options->devices.push_back(device_for(launch.address));
        meeting_->gloo =
            c10::make_intrusive<c10d::ProcessGroupGloo>(meeting_->ranks.store(), launch.rank, launch.world, options);
    } catch (const std::exception& error) {
        fail(ErrorCode::io,
             "rank {} of {} met the others at {}:{} but cannot exchange data with them ({}); does GLOO_SOCKET_IFNAME "
             "name the network interface they share?",
             launch.rank, launch.world, launch.address, launch.port, first_line(error));
    }
}

ProcessGroup::~ProcessGroup() {
    // Gloo's destructor waits for sums that will never come when another rank is gone; the process ends anyway.
    if (meeting_ && !meeting_->idle()) (void)meeting_->gloo.release();
}

template <typename Call>
auto ProcessGroup::on_gpu(Call&& call) {
    try {
        return call(meeting_->gpu.value());
    } catch (const Error&) {
        throw;
    } catch (const RankGone& gone) {
        fail_like_another(first_line(gone));
    } catch (const std::exception&) {
        // This rank's own GPU or NCCL, unless that is how another's failure comes here.
        const std::string reason = meeting_->ranks.failure(std::chrono::seconds(3));
        if (!reason.empty()) fail(ErrorCode::io, "{}", reason);
        throw;
    }
}

void ProcessGroup::prepare_nccl() { train::prepare_nccl(); }

void ProcessGroup::use_nccl(const torch::Device& device) {
    require_gpu(device);
    if (alone()) return;
    auto nccl = open_nccl(c10::make_intrusive<c10d::PrefixStore>("nccl", meeting_->ranks.store()), rank(), world());
    meeting_->gpu.emplace(std::move(nccl), *meeting_->gloo, world());
    on_gpu([&](GpuSums& gpu) { gpu.meet(device, [this] { fail_if_told(); }); });
}

bool ProcessGroup::sums_on(const torch::Device& device) const {
    return device.is_cpu() || (device.is_cuda() && meeting_ && meeting_->gpu);
}

void ProcessGroup::fail_if_told() {
    const std::string reason = meeting_->ranks.failure(milliseconds(0));
    if (!reason.empty()) fail(ErrorCode::io, "{}", reason);
}

void ProcessGroup::fail_like_another(const std::string& what) {
    // A failing rank tells before it goes, but the news may come behind the broken connection.
    const std::string reason = meeting_->ranks.failure(std::chrono::seconds(3));
    if (!reason.empty()) fail(ErrorCode::io, "{}", reason);
    meeting_->ranks.lose_patience();
    fail(ErrorCode::io,
         "rank {} of {}: another rank ended without a word ({}), killed perhaps; start all of them again with --resume",
         rank(), world(), what);
}

ProcessGroup::PendingSum ProcessGroup::start_add(torch::Tensor values) {
    if (alone()) return nullptr;
    if (values.is_cuda()) {
        return on_gpu([&](GpuSums& gpu) { return std::make_shared<Pending>(gpu.start(std::move(values)), true); });
    }
    try {
        std::vector<torch::Tensor> list{std::move(values)};
        auto pending = std::make_shared<Pending>(meeting_->gloo->allreduce(list));
        ++meeting_->under_way;
        return pending;
    } catch (const std::exception& error) {
        fail_like_another(first_line(error));
    }
}

void ProcessGroup::finish(const PendingSum& sum) {
    if (!sum) return;
    if (sum->on_gpu) {
        on_gpu([&](GpuSums& gpu) { gpu.finish(*sum->work, [this] { fail_if_told(); }); });
        return;
    }
    while (!sum->work->isCompleted()) {
        try {
            sum->work->wait(milliseconds(200));
        } catch (const std::exception&) {
            if (sum->work->isCompleted()) break;
            fail_if_told();
        }
    }
    --meeting_->under_way;
    if (const auto error = sum->work->exception()) {
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& raised) {
            fail_like_another(first_line(raised));
        }
    }
}

torch::Tensor ProcessGroup::gather(const torch::Tensor& values) {
    if (alone()) return values.unsqueeze(0);
    std::vector<torch::Tensor> mine{values.contiguous()};
    std::vector<std::vector<torch::Tensor>> rows(1);
    for (int i = 0; i < world(); ++i) rows[0].push_back(torch::empty_like(mine[0]));
    try {
        auto pending = std::make_shared<Pending>(meeting_->gloo->allgather(rows, mine));
        ++meeting_->under_way;
        finish(pending);
    } catch (const Error&) {
        throw;
    } catch (const std::exception& error) {
        fail_like_another(first_line(error));
    }
    return torch::stack(rows[0]);
}

std::string ProcessGroup::from_leader(const std::string& text) {
    if (alone()) return text;
    return meeting_->ranks.from_leader(text);
}

void ProcessGroup::tell_failure(const std::string& reason) noexcept {
    if (meeting_) meeting_->ranks.tell_failure(reason);
}

void ProcessGroup::leave() noexcept {
    if (!meeting_) return;
    if (meeting_->gpu) meeting_->gpu->close();  // while the store is there
    meeting_->ranks.leave();
}

#else

struct ProcessGroup::Meeting {};
class ProcessGroup::Pending {};

ProcessGroup::ProcessGroup(const Launch& launch, std::chrono::seconds) {
    if (launch.world == 1) return;
    fail(ErrorCode::unsupported,
         "{} wants {} processes, but this build has no Gloo; install libgloo-dev and build again", launch.launcher,
         launch.world);
}

ProcessGroup::~ProcessGroup() = default;
ProcessGroup::PendingSum ProcessGroup::start_add(torch::Tensor) { return nullptr; }
void ProcessGroup::finish(const PendingSum&) {}
void ProcessGroup::use_nccl(const torch::Device& device) { require_gpu(device); }
void ProcessGroup::prepare_nccl() {}
bool ProcessGroup::sums_on(const torch::Device& device) const { return device.is_cpu(); }
torch::Tensor ProcessGroup::gather(const torch::Tensor& values) { return values.unsqueeze(0); }
std::string ProcessGroup::from_leader(const std::string& text) { return text; }
void ProcessGroup::tell_failure(const std::string&) noexcept {}
void ProcessGroup::leave() noexcept {}

#endif

void ProcessGroup::add(torch::Tensor values) { finish(start_add(std::move(values))); }

bool ProcessGroup::any(bool flag) {
    if (alone()) return flag;
    auto votes = torch::full({1}, flag ? 1.0F : 0.0F);
    add(votes);
    return votes.item<float>() > 0;
}

}  // namespace vglaw::train
