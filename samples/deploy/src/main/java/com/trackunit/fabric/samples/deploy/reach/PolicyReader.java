// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.ManifestException;
import com.trackunit.fabric.samples.deploy.reach.Policy.BlockPeer;
import com.trackunit.fabric.samples.deploy.reach.Policy.Peer;
import com.trackunit.fabric.samples.deploy.reach.Policy.PodPeer;
import com.trackunit.fabric.samples.deploy.reach.Policy.PortName;
import com.trackunit.fabric.samples.deploy.reach.Policy.PortRange;
import com.trackunit.fabric.samples.deploy.reach.Policy.Ports;
import com.trackunit.fabric.samples.deploy.reach.Policy.Rule;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.networking.v1.IPBlock;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a NetworkPolicy of {@code networking.k8s.io/v1} as an API server would: fills in the
 * defaults and refuses what validation refuses there.
 */
final class PolicyReader {
  private static final Set<String> TYPES = Set.of("Ingress", "Egress");

  private PolicyReader() {}

  static Policy read(Manifest manifest) {
    NetworkPolicySpec spec = manifest.as(NetworkPolicy.class).getSpec();
    try {
      return policy(manifest, spec == null ? new NetworkPolicySpec() : spec);
    } catch (IllegalArgumentException e) {
      throw new ManifestException(manifest + ": " + e.getMessage());
    }
  }

  private static Policy policy(Manifest manifest, NetworkPolicySpec spec) {
    List<Rule> ingress =
        spec.getIngress().stream().map(r -> rule(r.getFrom(), r.getPorts())).toList();
    List<Rule> egress = spec.getEgress().stream().map(r -> rule(r.getTo(), r.getPorts())).toList();
    List<String> types = spec.getPolicyTypes();
    if (!TYPES.containsAll(types)) {
      throw new IllegalArgumentException("policyTypes " + types + ", expected Ingress and Egress");
    }
    // Without policyTypes: ingress always, egress only where there are egress rules.
    boolean onIngress = types.isEmpty() || types.contains("Ingress");
    boolean onEgress = types.isEmpty() ? !egress.isEmpty() : types.contains("Egress");
    LabelSelector pods =
        spec.getPodSelector() == null ? new LabelSelector() : spec.getPodSelector();
    return new Policy(
        manifest.namespace(),
        manifest.name(),
        Selector.of(pods),
        onIngress ? Optional.of(ingress) : Optional.empty(),
        onEgress ? Optional.of(egress) : Optional.empty());
  }

  private static Rule rule(List<NetworkPolicyPeer> peers, List<NetworkPolicyPort> ports) {
    return new Rule(
        peers.stream().map(PolicyReader::peer).toList(),
        ports.stream().map(PolicyReader::ports).toList());
  }

  private static Peer peer(NetworkPolicyPeer peer) {
    LabelSelector namespaces = peer.getNamespaceSelector();
    LabelSelector pods = peer.getPodSelector();
    IPBlock block = peer.getIpBlock();
    if ((block == null) == (namespaces == null && pods == null)) {
      throw new IllegalArgumentException(
          "a peer with "
              + (block == null ? "nothing in it" : "an ipBlock beside a selector")
              + ": expected selectors or an ipBlock");
    }
    return block == null ? new PodPeer(selector(namespaces), selector(pods)) : block(block);
  }

  private static @Nullable Selector selector(@Nullable LabelSelector selector) {
    return selector == null ? null : Selector.of(selector);
  }

  private static BlockPeer block(IPBlock block) {
    Cidr cidr = Cidr.parse(String.valueOf(block.getCidr()));
    AddressSet addresses = AddressSet.of(cidr);
    for (String text : block.getExcept()) {
      Cidr except = Cidr.parse(text);
      if (!cidr.contains(except) || cidr.equals(except)) {
        throw new IllegalArgumentException(
            "ipBlock: except " + except + " must lie strictly inside " + cidr);
      }
      addresses = addresses.without(AddressSet.of(except));
    }
    return new BlockPeer(addresses);
  }

  private static Ports ports(NetworkPolicyPort port) {
    Protocol protocol = protocol(port.getProtocol());
    Integer end = port.getEndPort();
    if (port.getPort() == null) {
      if (end != null) {
        throw new IllegalArgumentException("endPort " + end + " without port");
      }
      return new PortRange(PortSet.range(protocol, PortSet.FIRST, PortSet.LAST));
    }
    Integer number = port.getPort().getIntVal();
    if (number == null) {
      return name(protocol, port.getPort().getStrVal(), end);
    }
    int last = end == null ? number : end;
    if (number < PortSet.FIRST || last > PortSet.LAST || last < number) {
      throw new IllegalArgumentException(
          "port "
              + number
              + (end == null ? "" : ", endPort " + end)
              + ": expected 1 to 65535, and endPort not below port");
    }
    return new PortRange(PortSet.range(protocol, number, last));
  }

  private static Ports name(Protocol protocol, String name, @Nullable Integer end) {
    if (end != null) {
      throw new IllegalArgumentException("endPort " + end + " beside the named port " + name);
    }
    // The API's form of a port name (IANA_SVC_NAME).
    if (!name.matches("(?=.*[a-z])[a-z0-9]([a-z0-9]|-(?!-)){0,13}[a-z0-9]?")
        || name.endsWith("-")) {
      throw new IllegalArgumentException(
          "port '" + name + "': neither a number nor a port's name (at most 15 of a-z 0-9 -)");
    }
    return new PortName(protocol, name);
  }

  /** TCP where nothing is said. */
  static Protocol protocol(@Nullable String name) {
    try {
      return name == null ? Protocol.TCP : Protocol.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("protocol " + name + ", expected TCP, UDP or SCTP", e);
    }
  }
}
