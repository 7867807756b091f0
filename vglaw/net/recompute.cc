#include "vglaw/net/recompute.h"

#include <mutex>

#include "vglaw/net/compat.h"

namespace vglaw::net {
namespace {

torch::Tensor random_state(at::Generator& generator) {
    const std::lock_guard<std::mutex> lock(generator.mutex());
    return generator.get_state();
}

void set_random_state(at::Generator& generator, const torch::Tensor& state) {
    const std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(state);
}

/// What the second run needs beside the tensors.
struct Recipe final : torch::CustomClassHolder {
    TensorFunction f;
    std::size_t inputs = 0;  // the first so many of the saved tensors; the rest are parameters
    bool bf16 = false;
    at::Generator generator;
    torch::Tensor random_before;
};

struct Recompute final : torch::autograd::Function<Recompute> {
    static torch::Tensor forward(torch::autograd::AutogradContext* context, at::TensorList tensors,
                                 const c10::intrusive_ptr<Recipe>& recipe) {
        context->save_for_backward(tensors.vec());
        context->saved_data["recipe"] = c10::IValue::make_capsule(recipe);
        recipe->random_before = random_state(recipe->generator);
        return recipe->f(tensors.slice(0, recipe->inputs).vec());  // autograd is off in here
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list gradients) {
        const auto capsule = context->saved_data["recipe"].toCapsule();
        auto& recipe = static_cast<Recipe&>(*capsule);
        auto tensors = context->get_saved_variables();
        // Inputs are cut off from what made them; parameters are what they are, f has them too.
        for (std::size_t i = 0; i < recipe.inputs; ++i) {
            const bool wanted = tensors[i].requires_grad();
            tensors[i] = tensors[i].detach().requires_grad_(wanted);
        }
        torch::Tensor output;
        {
            const torch::AutoGradMode with_gradients(true);
            const AutocastBf16 mixed_precision(recipe.bf16);
            const auto random_now = random_state(recipe.generator);
            set_random_state(recipe.generator, recipe.random_before);
            output = recipe.f({tensors.begin(), tensors.begin() + std::ptrdiff_t(recipe.inputs)});
            set_random_state(recipe.generator, random_now);
        }
        std::vector<torch::Tensor> wanted;
        for (const auto& tensor : tensors) {
            if (tensor.requires_grad()) wanted.push_back(tensor);
        }
        const auto found = torch::autograd::grad({output}, wanted, {gradients[0]}, c10::nullopt, false, true);
        torch::autograd::variable_list all;
        auto next = found.begin();
        for (const auto& tensor : tensors) all.push_back(tensor.requires_grad() ? *next++ : torch::Tensor());
        all.emplace_back();  // the recipe's
        return all;
    }
};

}  // namespace

torch::Tensor recomputed(const TensorFunction& f, const std::vector<torch::Tensor>& inputs,
                         const std::vector<torch::Tensor>& parameters, bool bf16) {
    std::vector<torch::Tensor> tensors = inputs;
    tensors.insert(tensors.end(), parameters.begin(), parameters.end());
    bool any = false;
    for (const auto& tensor : tensors) any = any || tensor.requires_grad();
    if (!any || !torch::GradMode::is_enabled()) return f(inputs);
    auto recipe = c10::make_intrusive<Recipe>();
    recipe->f = f;
    recipe->inputs = inputs.size();
    recipe->bf16 = bf16;
    recipe->generator = at::globalContext().defaultGenerator(tensors.front().device());
    return Recompute::apply(at::TensorList(tensors), recipe);
}

}  // namespace vglaw::net
