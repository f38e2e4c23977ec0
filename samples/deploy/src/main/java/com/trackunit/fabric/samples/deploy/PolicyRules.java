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

/**
 * What the reach table alone does not say of network policies: that each selects a pod, that names
 * are asked of kube-dns only, and that a way out to everyone leaves out what is private.
 */
final class PolicyRules implements Rule {
  /** Private, carrier-grade (tailnets), link-local and loopback. */
  private static final Map<String, Set<String>> NOT_PUBLIC =
      Map.of(
          "0.0.0.0/0",
          Set.of(
              "10.0.0.0/8",
              "172.16.0.0/12",
              "192.168.0.0/16",
              "100.64.0.0/10",
              "169.254.0.0/16",
              "127.0.0.0/8"),
          "::/0",
          Set.of("fc00::/7", "fe80::/10", "::1/128"));

  @Override
  public Stream<Finding> check(Overlay overlay) {
    return overlay
        .ofKind("NetworkPolicy")
        .flatMap(
            policy ->
                sentences(overlay, policy).stream()
                    .map(sentence -> overlay.finding(policy, "network policy", sentence)));
  }

  private static List<String> sentences(Overlay overlay, Manifest policy) {
    List<String> sentences = new ArrayList<>();
    JsonNode spec = policy.tree().path("spec");
    if (!selectsSomething(overlay, policy.namespace(), spec.path("podSelector"))) {
      sentences.add("selects no pod here: " + spec.path("podSelector"));
    }
    if (!spec.has("policyTypes")) {
      sentences.add("leaves its policyTypes to a default that depends on its rules: write them");
    }
    for (JsonNode rule : spec.path("egress")) {
      for (JsonNode peer : rule.path("to")) {
        JsonNode block = peer.path("ipBlock");
        Set<String> missing =
            new TreeSet<>(NOT_PUBLIC.getOrDefault(block.path("cidr").asText(), Set.of()));
        block.path("except").forEach(except -> missing.remove(except.asText()));
        if (!missing.isEmpty()) {
          sentences.add("lets out to everyone and does not except " + missing);
        }
      }
      if (asksNames(rule) && !onlyDnsServers(rule)) {
        sentences.add("lets ask names (port 53) elsewhere than at kube-dns: " + rule.path("to"));
      }
    }
    return sentences;
  }

  private static boolean selectsSomething(Overlay overlay, String namespace, JsonNode selector) {
    Map<String, String> labels = Manifest.texts(selector.path("matchLabels"));
    return labels.isEmpty()
        || overlay
            .workloads()
            .filter(workload -> workload.namespace().equals(namespace))
            .map(workload -> Overlay.pod(workload).path("metadata").path("labels"))
            .anyMatch(pod -> Manifest.texts(pod).entrySet().containsAll(labels.entrySet()));
  }

  private static boolean asksNames(JsonNode rule) {
    for (JsonNode port : rule.path("ports")) {
      if (port.path("port").asInt() == 53) {
        return true;
      }
    }
    return false;
  }

  private static boolean onlyDnsServers(JsonNode rule) {
    for (JsonNode peer : rule.path("to")) {
      boolean kubeDns =
          Manifest.texts(peer.path("podSelector").path("matchLabels"))
                  .equals(Map.of("k8s-app", "kube-dns"))
              && Manifest.texts(peer.path("namespaceSelector").path("matchLabels"))
                  .equals(Map.of("kubernetes.io/metadata.name", "kube-system"));
      // NodeLocal DNS: one link-local address of the node itself.
      boolean nodeLocal = peer.path("ipBlock").path("cidr").asText().matches("169\\.254\\..*/32");
      if (!kubeDns && !nodeLocal) {
        return false;
      }
    }
    return !rule.path("to").isEmpty();
  }
}
