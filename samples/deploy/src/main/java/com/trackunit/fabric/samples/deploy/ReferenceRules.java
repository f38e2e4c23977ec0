// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one object says of another must be true: selectors find pods, ports exist, config maps,
 * service accounts and secrets are there, and no secret lies in a manifest.
 */
final class ReferenceRules implements Rule {
  /** Every namespace has it from the cluster itself. */
  private static final String CLUSTER_CA = "kube-root-ca.crt";

  private final Map<String, Set<String>> secrets;

  /**
   * @param secrets which secrets the one who deploys makes, as {@code namespace/name}, and their
   *     keys
   */
  ReferenceRules(Map<String, Set<String>> secrets) {
    this.secrets = secrets;
  }

  @Override
  public Stream<Finding> check(Overlay overlay) {
    List<Finding> findings = new ArrayList<>();
    overlay
        .ofKind("Secret")
        .forEach(
            secret ->
                findings.add(
                    overlay.finding(
                        secret, "secrets", "is in the manifests: make it in the cluster")));
    overlay.ofKind("Service").forEach(service -> service(overlay, service, findings));
    overlay.workloads().forEach(workload -> workload(overlay, workload, findings));
    return findings.stream();
  }

  private static void service(Overlay overlay, Manifest service, List<Finding> findings) {
    JsonNode spec = service.tree().path("spec");
    Map<String, String> selector = Manifest.texts(spec.path("selector"));
    List<Manifest> selected =
        overlay
            .workloads()
            .filter(workload -> workload.namespace().equals(service.namespace()))
            .filter(workload -> podLabels(workload).entrySet().containsAll(selector.entrySet()))
            .toList();
    if (selector.isEmpty() || selected.size() != 1) {
      findings.add(
          overlay.finding(
              service, "selector", "selects " + selected.size() + " workloads, expected one"));
      return;
    }
    for (JsonNode port : spec.path("ports")) {
      String target = port.path("targetPort").asText(port.path("port").asText());
      if (!portsOf(selected.get(0)).contains(target)) {
        findings.add(
            overlay.finding(
                service,
                "ports",
                "leads to port "
                    + target
                    + ", which no container of "
                    + selected.get(0).id()
                    + " has"));
      }
    }
    String type = spec.path("type").asText();
    if (!type.equals("ClusterIP") && !spec.path("externalTrafficPolicy").asText().equals("Local")) {
      findings.add(
          overlay.finding(
              service,
              "client address",
              "is a "
                  + type
                  + " without externalTrafficPolicy: Local: the rate limit would count"
                  + " nodes, not clients"));
    }
  }

  private void workload(Overlay overlay, Manifest workload, List<Finding> findings) {
    JsonNode spec = workload.tree().path("spec");
    Map<String, String> selector = Manifest.texts(spec.path("selector").path("matchLabels"));
    if (selector.isEmpty() || !podLabels(workload).entrySet().containsAll(selector.entrySet())) {
      findings.add(
          overlay.finding(
              workload, "selector", "does not select its own pods: " + podLabels(workload)));
    }
    if (spec.path("replicas").asInt(1) > 1) {
      replicas(overlay, workload, findings);
    }
    JsonNode pod = Overlay.pod(workload).path("spec");
    String account = pod.path("serviceAccountName").asText();
    if (overlay.find("ServiceAccount", workload.namespace(), account).isEmpty()) {
      findings.add(overlay.finding(workload, "service account", "'" + account + "' is not here"));
    }
    for (String name : named(pod, "configMap", "configMapKeyRef", "configMapRef")) {
      if (!name.equals(CLUSTER_CA)
          && overlay.find("ConfigMap", workload.namespace(), name).isEmpty()) {
        findings.add(overlay.finding(workload, "config map", "'" + name + "' is not here"));
      }
    }
    for (JsonNode reference : pod.findValues("secretKeyRef")) {
      secret(overlay, workload, reference.path("name"), reference.path("key"), findings);
    }
    for (JsonNode volume : pod.findValues("secret")) {
      JsonNode name = volume.has("secretName") ? volume.path("secretName") : volume.path("name");
      volume
          .path("items")
          .forEach(item -> secret(overlay, workload, name, item.path("key"), findings));
      secret(overlay, workload, name, null, findings);
    }
  }

  private static void replicas(Overlay overlay, Manifest workload, List<Finding> findings) {
    boolean guarded =
        overlay
            .ofKind("PodDisruptionBudget")
            .filter(budget -> budget.namespace().equals(workload.namespace()))
            .map(budget -> budget.tree().path("spec").path("selector").path("matchLabels"))
            .anyMatch(
                labels ->
                    podLabels(workload).entrySet().containsAll(Manifest.texts(labels).entrySet()));
    if (!guarded) {
      findings.add(
          overlay.finding(
              workload, "disruption budget", "has replicas, and no PodDisruptionBudget for them"));
    }
    if (Overlay.pod(workload).path("spec").path("topologySpreadConstraints").isEmpty()) {
      findings.add(
          overlay.finding(workload, "topology spread", "has replicas that may all be on one node"));
    }
  }

  private void secret(
      Overlay overlay,
      Manifest workload,
      JsonNode name,
      @Nullable JsonNode key,
      List<Finding> findings) {
    Set<String> keys = secrets.get(workload.namespace() + "/" + name.asText());
    if (keys == null || (key != null && !keys.contains(key.asText()))) {
      findings.add(
          overlay.finding(
              workload,
              "secrets",
              "uses secret "
                  + name
                  + (key == null ? "" : ", key " + key)
                  + ", which secrets.txt does not list"));
    }
  }

  private static Set<String> named(JsonNode pod, String... fields) {
    Set<String> names = new TreeSet<>();
    for (String field : fields) {
      pod.findValues(field).forEach(node -> names.add(node.path("name").asText()));
    }
    return names;
  }

  private static Set<String> portsOf(Manifest workload) {
    Set<String> ports = new TreeSet<>();
    for (JsonNode container : Overlay.pod(workload).path("spec").path("containers")) {
      for (JsonNode port : container.path("ports")) {
        ports.add(port.path("name").asText());
        ports.add(port.path("containerPort").asText());
      }
    }
    return ports;
  }

  private static Map<String, String> podLabels(Manifest workload) {
    return Manifest.texts(Overlay.pod(workload).path("metadata").path("labels"));
  }
}
