"""The objects of deploy/kubernetes.yaml agree with each other and with the program: kubernetes_manifest.py YAML METRICS HELP"""
import re
import sys

import yaml

objects = {one["kind"]: one for one in yaml.safe_load_all(open(sys.argv[1])) if one}
metrics, options = open(sys.argv[2]).read(), open(sys.argv[3]).read()
deployment, service = objects["Deployment"], objects["Service"]
budget, scaler = objects["PodDisruptionBudget"], objects["HorizontalPodAutoscaler"]


def check(holds, what):
    if not holds:
        sys.exit("deploy/kubernetes.yaml: " + what)


pod = deployment["spec"]["template"]
labels, [container] = pod["metadata"]["labels"], pod["spec"]["containers"]
for name, selector in (("Deployment", deployment["spec"]["selector"]["matchLabels"]), ("Service", service["spec"]["selector"]),
                       ("PodDisruptionBudget", budget["spec"]["selector"]["matchLabels"])):
    check(selector.items() <= labels.items(), "the %s selects other pods than the Deployment makes" % name)
ports = {port["name"]: port["containerPort"] for port in container["ports"]}
for port in service["spec"]["ports"]:
    check(port["targetPort"] in ports, "the Service leads to port %s, which no container has" % port["targetPort"])
for probe, path in (("startupProbe", "/readyz"), ("readinessProbe", "/readyz"), ("livenessProbe", "/healthz")):
    get = container[probe]["httpGet"]
    check(get == {"path": path, "port": "http"}, "%s asks %s" % (probe, get))
check(int(pod["metadata"]["annotations"]["prometheus.io/port"]) == ports["http"], "Prometheus asks another port")
for option in container["args"]:
    check(not option.startswith("--") or re.search(r"(^|[ ,])%s([ ,=]|$)" % option, options, re.M), "vglaw serve has no " + option)
target = scaler["spec"]["scaleTargetRef"]
check((target["kind"], target["name"]) == ("Deployment", deployment["metadata"]["name"]), "the autoscaler scales " + str(target))
check("replicas" not in deployment["spec"], "the Deployment and the autoscaler both set the number of replicas")
for metric in scaler["spec"]["metrics"]:
    name = metric["pods"]["metric"]["name"]
    check(re.search(r"^# TYPE %s gauge$" % name, metrics, re.M), "the program has no gauge " + name)
check(scaler["spec"]["minReplicas"] > budget["spec"]["maxUnavailable"], "the budget lets every replica go at once")
threads = container["args"][container["args"].index("--threads") + 1]
check(threads == container["resources"]["limits"]["cpu"], "--threads %s on %s cores" % (threads, container["resources"]["limits"]["cpu"]))
check(container["securityContext"]["readOnlyRootFilesystem"] and pod["spec"]["securityContext"]["runAsNonRoot"], "the pod may more than it needs")
