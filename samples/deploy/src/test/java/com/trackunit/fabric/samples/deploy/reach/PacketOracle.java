// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides about one packet at a time, by going through the API's description of NetworkPolicy
 * sentence by sentence. Slow and plain on purpose; it shares nothing with the evaluator but the
 * reading of YAML.
 */
final class PacketOracle {
  /**
   * An end of a connection.
   *
   * @param namespace empty for what is no pod
   * @param pod null for what is no pod
   */
  record Host(String namespace, @Nullable JsonNode pod, String address) {
    boolean isPod() {
      return pod != null;
    }
  }

  private final List<Manifest> namespaces = new ArrayList<>();
  private final List<Manifest> policies = new ArrayList<>();
  private final boolean blocksMatchPods;

  PacketOracle(List<Manifest> manifests, boolean blocksMatchPods) {
    this.blocksMatchPods = blocksMatchPods;
    for (Manifest manifest : manifests) {
      switch (manifest.kind()) {
        case "Namespace" -> namespaces.add(manifest);
        case "NetworkPolicy" -> policies.add(manifest);
        default -> {}
      }
    }
  }

  boolean passes(Host from, Host to, String protocol, int port) {
    return allowed("Egress", from, to, to, protocol, port)
        && allowed("Ingress", to, from, to, protocol, port);
  }

  private boolean allowed(
      String direction, Host self, Host peer, Host destination, String protocol, int port) {
    if (!self.isPod()) {
      return true;
    }
    boolean isolated = false;
    for (Manifest policy : policies) {
      JsonNode spec = policy.tree().path("spec");
      if (!policy.namespace().equals(self.namespace())
          || !speaksAbout(spec, direction)
          || !selects(spec.path("podSelector"), labels(self))) {
        continue;
      }
      isolated = true;
      for (JsonNode rule : spec.path(direction.equals("Egress") ? "egress" : "ingress")) {
        if (anyPeer(policy, rule.path(direction.equals("Egress") ? "to" : "from"), peer)
            && anyPort(rule.path("ports"), destination, protocol, port)) {
          return true;
        }
      }
    }
    return !isolated;
  }

  private static boolean speaksAbout(JsonNode spec, String direction) {
    if (spec.path("policyTypes").isEmpty()) {
      return direction.equals("Ingress") || spec.path("egress").size() > 0;
    }
    for (JsonNode type : spec.path("policyTypes")) {
      if (type.asText().equals(direction)) {
        return true;
      }
    }
    return false;
  }

  private boolean anyPeer(Manifest policy, JsonNode peers, Host host) {
    if (peers.isEmpty()) {
      return true;
    }
    for (JsonNode peer : peers) {
      if (peer.has("ipBlock")) {
        if ((!host.isPod() || blocksMatchPods) && inBlock(peer.path("ipBlock"), host.address())) {
          return true;
        }
      } else if (host.isPod()) {
        boolean rightNamespace =
            peer.has("namespaceSelector")
                ? selects(peer.path("namespaceSelector"), namespaceLabels(host.namespace()))
                : host.namespace().equals(policy.namespace());
        boolean rightPod =
            !peer.has("podSelector") || selects(peer.path("podSelector"), labels(host));
        if (rightNamespace && rightPod) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean anyPort(JsonNode ports, Host destination, String protocol, int port) {
    if (ports.isEmpty()) {
      return true;
    }
    for (JsonNode one : ports) {
      if (!protocol.equals(one.has("protocol") ? one.path("protocol").asText() : "TCP")) {
        continue;
      }
      JsonNode number = one.path("port");
      if (number.isMissingNode()) {
        return true;
      }
      if (number.isInt()) {
        int last = one.has("endPort") ? one.path("endPort").asInt() : number.asInt();
        if (number.asInt() <= port && port <= last) {
          return true;
        }
      } else if (destination.pod() != null) {
        for (JsonNode container : destination.pod().at("/spec/containers")) {
          for (JsonNode named : container.path("ports")) {
            String namedProtocol = named.has("protocol") ? named.path("protocol").asText() : "TCP";
            if (named.path("name").asText().equals(number.asText())
                && namedProtocol.equals(protocol)
                && named.path("containerPort").asInt() == port) {
              return true;
            }
          }
        }
      }
    }
    return false;
  }

  private static boolean inBlock(JsonNode block, String address) {
    if (!inCidr(block.path("cidr").asText(), address)) {
      return false;
    }
    for (JsonNode except : block.path("except")) {
      if (inCidr(except.asText(), address)) {
        return false;
      }
    }
    return true;
  }

  /** Bit by bit. */
  private static boolean inCidr(String cidr, String address) {
    try {
      String[] parts = cidr.split("/", -1);
      byte[] block = InetAddress.getByName(parts[0]).getAddress();
      byte[] bytes = InetAddress.getByName(address).getAddress();
      if (block.length != bytes.length) {
        return false;
      }
      for (int bit = 0; bit < Integer.parseInt(parts[1]); bit++) {
        int mask = 128 >> (bit % 8);
        if ((block[bit / 8] & mask) != (bytes[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(cidr, e);
    }
  }

  private static boolean selects(JsonNode selector, JsonNode labels) {
    for (var wanted : selector.path("matchLabels").properties()) {
      if (!labels.has(wanted.getKey())
          || !labels.path(wanted.getKey()).asText().equals(wanted.getValue().asText())) {
        return false;
      }
    }
    for (JsonNode wanted : selector.path("matchExpressions")) {
      boolean has = labels.has(wanted.path("key").asText());
      boolean isListed = false;
      for (JsonNode value : wanted.path("values")) {
        isListed |= has && value.asText().equals(labels.path(wanted.path("key").asText()).asText());
      }
      String operator = wanted.path("operator").asText();
      if ((operator.equals("In") && !isListed)
          || (operator.equals("NotIn") && isListed)
          || (operator.equals("Exists") && !has)
          || (operator.equals("DoesNotExist") && has)) {
        return false;
      }
    }
    return true;
  }

  private static JsonNode labels(Host host) {
    JsonNode pod = host.pod();
    if (pod == null) {
      throw new IllegalArgumentException(host + " is no pod");
    }
    return pod.at("/metadata/labels");
  }

  private JsonNode namespaceLabels(String name) {
    for (Manifest namespace : namespaces) {
      if (namespace.name().equals(name)) {
        var labels = namespace.tree().deepCopy().withObject("/metadata/labels");
        return labels.put("kubernetes.io/metadata.name", name);
      }
    }
    throw new IllegalArgumentException(name);
  }
}
