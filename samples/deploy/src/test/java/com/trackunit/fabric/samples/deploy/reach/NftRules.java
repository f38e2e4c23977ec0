// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compiles network policies to nftables rules for the router of the {@link PacketLab}. It reads the
 * manifests for itself and shares no code with the evaluator, so that the two can disagree.
 */
final class NftRules {
  /** A pod with its addresses, one of each family. */
  record PodHost(String namespace, List<String> addresses, JsonNode labels, JsonNode containers) {}

  private final Map<String, JsonNode> namespaceLabels = new TreeMap<>();
  private final List<Manifest> policies = new ArrayList<>();
  private final List<PodHost> pods;
  private final boolean blocksMatchPods;
  private final StringBuilder chains = new StringBuilder();
  private final StringBuilder jumps = new StringBuilder();

  private NftRules(List<Manifest> manifests, List<PodHost> pods, boolean blocksMatchPods) {
    this.pods = pods;
    this.blocksMatchPods = blocksMatchPods;
    for (Manifest manifest : manifests) {
      if (manifest.kind().equals("Namespace")) {
        namespaceLabels.put(manifest.name(), manifest.tree().at("/metadata/labels"));
      }
      if (manifest.kind().equals("NetworkPolicy")) {
        policies.add(manifest);
      }
    }
  }

  static String compile(List<Manifest> manifests, List<PodHost> pods, boolean blocksMatchPods) {
    NftRules rules = new NftRules(manifests, pods, blocksMatchPods);
    for (PodHost pod : pods) {
      rules.pod(pod);
    }
    return "table inet policies {\n"
        + rules.chains
        + "chain forward {\ntype filter hook forward priority 0; policy accept;\n"
        + "ct state established,related accept\n"
        + rules.jumps
        + "}\n}\n";
  }

  private void pod(PodHost pod) {
    direction(pod, "egress", "to", "saddr", "daddr");
    direction(pod, "ingress", "from", "daddr", "saddr");
  }

  private void direction(PodHost pod, String key, String peers, String self, String other) {
    List<String> returns = new ArrayList<>();
    boolean isolated = false;
    for (Manifest policy : policies) {
      JsonNode spec = policy.tree().path("spec");
      if (!policy.namespace().equals(pod.namespace())
          || !hasType(spec, key)
          || !labelsFit(spec.path("podSelector"), pod.labels(), "")) {
        continue;
      }
      isolated = true;
      for (JsonNode rule : spec.path(key)) {
        returns.addAll(
            rule(policy, rule, rule.path(peers), other, key.equals("egress") ? null : pod));
      }
    }
    if (isolated) {
      String chain = key + "_" + pod.addresses().get(0).replace('.', '_');
      chains.append("chain ").append(chain).append(" {\n");
      returns.forEach(line -> chains.append(line).append(" return\n"));
      // An answer at once, so that nobody waits for silence.
      chains.append("meta l4proto tcp reject with tcp reset\nreject\n}\n");
      for (String address : pod.addresses()) {
        jumps.append(match(self, address)).append(" jump ").append(chain).append('\n');
      }
    }
  }

  private List<String> rule(
      Manifest policy, JsonNode rule, JsonNode peers, String side, @Nullable PodHost destination) {
    List<String> addresses = new ArrayList<>();
    if (peers.isEmpty()) {
      addresses.add("");
    }
    for (JsonNode peer : peers) {
      addresses.addAll(
          peer.has("ipBlock")
              ? block(peer.path("ipBlock"), side)
              : matching(policy, peer).stream()
                  .flatMap(p -> p.addresses().stream())
                  .map(address -> match(side, address))
                  .toList());
    }
    List<String> lines = new ArrayList<>();
    for (String address : addresses) {
      if (rule.path("ports").isEmpty()) {
        lines.add(address);
      }
      for (JsonNode port : rule.path("ports")) {
        port(port, destination).forEach(match -> lines.add(address + " " + match));
      }
    }
    return lines;
  }

  private List<String> block(JsonNode block, String side) {
    String cidr = block.path("cidr").asText();
    boolean isSix = cidr.contains(":");
    StringBuilder match = new StringBuilder(isSix ? "meta nfproto ipv6" : "meta nfproto ipv4");
    if (!cidr.endsWith("/0")) {
      match.append(' ').append(match(side, cidr));
    }
    for (JsonNode except : block.path("except")) {
      match.append(' ').append(match(side, "!= " + except.asText()));
    }
    for (PodHost pod : blocksMatchPods ? List.<PodHost>of() : pods) {
      match.append(' ').append(match(side, "!= " + pod.addresses().get(isSix ? 1 : 0)));
    }
    return List.of(match.toString());
  }

  private static String match(String side, String address) {
    return (address.contains(":") ? "ip6 " : "ip ") + side + " " + address;
  }

  private List<PodHost> matching(Manifest policy, JsonNode peer) {
    return pods.stream()
        .filter(
            pod ->
                peer.has("namespaceSelector")
                    ? labelsFit(
                        peer.path("namespaceSelector"),
                        namespaceLabels.getOrDefault(pod.namespace(), peer.path("none")),
                        pod.namespace())
                    : pod.namespace().equals(policy.namespace()))
        .filter(
            pod ->
                !peer.has("podSelector") || labelsFit(peer.path("podSelector"), pod.labels(), ""))
        .toList();
  }

  /** Matches on the destination's port; a name is looked up on the destination. */
  private List<String> port(JsonNode port, @Nullable PodHost destination) {
    String protocol = port.path("protocol").asText("TCP").toLowerCase(Locale.ROOT);
    if (!port.has("port")) {
      return List.of("meta l4proto " + protocol);
    }
    if (port.path("port").isInt()) {
      String end = port.has("endPort") ? "-" + port.path("endPort").asText() : "";
      return List.of(protocol + " dport " + port.path("port").asText() + end);
    }
    List<String> matches = new ArrayList<>();
    for (PodHost pod : destination == null ? pods : List.of(destination)) {
      for (JsonNode container : pod.containers()) {
        for (JsonNode named : container.path("ports")) {
          if (named.path("name").equals(port.path("port"))
              && named.path("protocol").asText("TCP").equalsIgnoreCase(protocol)) {
            for (String address : pod.addresses()) {
              matches.add(
                  match("daddr", address)
                      + " "
                      + protocol
                      + " dport "
                      + named.path("containerPort").asText());
            }
          }
        }
      }
    }
    return matches;
  }

  private static boolean hasType(JsonNode spec, String key) {
    if (spec.path("policyTypes").isEmpty()) {
      return key.equals("ingress") || !spec.path("egress").isEmpty();
    }
    for (JsonNode type : spec.path("policyTypes")) {
      if (type.asText().toLowerCase(Locale.ROOT).equals(key)) {
        return true;
      }
    }
    return false;
  }

  private static boolean labelsFit(JsonNode selector, JsonNode labels, String namespace) {
    for (Map.Entry<String, JsonNode> wanted : selector.path("matchLabels").properties()) {
      if (!wanted.getValue().asText().equals(label(labels, wanted.getKey(), namespace))) {
        return false;
      }
    }
    for (JsonNode wanted : selector.path("matchExpressions")) {
      @Nullable String value = label(labels, wanted.path("key").asText(), namespace);
      boolean listed = false;
      for (JsonNode one : wanted.path("values")) {
        listed |= one.asText().equals(value);
      }
      boolean fits =
          switch (wanted.path("operator").asText()) {
            case "In" -> listed;
            case "NotIn" -> !listed;
            case "Exists" -> value != null;
            default -> value == null;
          };
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable String label(JsonNode labels, String key, String namespace) {
    return key.equals("kubernetes.io/metadata.name") && !namespace.isEmpty()
        ? namespace
        : labels.has(key) ? labels.path(key).asText() : null;
  }
}
