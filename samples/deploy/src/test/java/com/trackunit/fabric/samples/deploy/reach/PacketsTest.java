// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.Manifests;
import com.trackunit.fabric.samples.deploy.manifest.PodTemplates;
import com.trackunit.fabric.samples.deploy.reach.Evaluator.AddressEnd;
import com.trackunit.fabric.samples.deploy.reach.Evaluator.End;
import com.trackunit.fabric.samples.deploy.reach.Evaluator.PodEnd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Real packets between network namespaces, through nftables rules that other code compiled from the
 * same policies: what connects is what the evaluator says, by IPv4 and by IPv6. Where the machine
 * allows it. SCTP is not tried: few kernels have it, and Java's agents would need it as well.
 */
@Timeout(180)
class PacketsTest {
  private static final int PODS = 8;
  private static final int GENERATED = 20;
  private static final List<String> PORTS =
      List.of(
          "TCP:53",
          "UDP:53",
          "TCP:80",
          "TCP:443",
          "TCP:4180",
          "TCP:5672",
          "TCP:6443",
          "TCP:8080",
          "TCP:8443",
          "TCP:9092",
          "TCP:9153");

  /** Not pods: public, private, a tailnet's, API servers, NodeLocal DNS. */
  private static final List<String> OUTSIDE =
      List.of(
          "203.0.113.7", "192.168.5.5", "100.64.0.10", "172.18.0.2", "10.0.0.10", "169.254.20.10");

  /** The same hosts by IPv6. */
  private static final List<String> OUTSIDE_6 =
      List.of(
          "2001:db8::7", "fd00::5:5", "fd7a:115c::10", "2001:db9::2", "64:ff9b::1", "fd00::20:10");

  @TempDir static Path folder;

  private static final AddressSet PODS_4 = AddressSet.of(Cidr.parse("10.244.0.0/16"));
  private static final AddressSet PODS_6 = AddressSet.of(Cidr.parse("fd00:10:244::/64"));

  private static PacketLab lab;

  @BeforeAll
  static void start() throws IOException {
    Assumptions.assumeTrue(
        PacketLab.isPossible(), "this machine has no nft, or allows no network namespaces");
    Map<String, List<String>> hosts = new LinkedHashMap<>();
    for (int i = 1; i <= PODS; i++) {
      hosts.put(podAddress(i), podAddresses(i));
    }
    for (int i = 0; i < OUTSIDE.size(); i++) {
      hosts.put(OUTSIDE.get(i), List.of(OUTSIDE.get(i), OUTSIDE_6.get(i)));
    }
    lab = PacketLab.start(folder, hosts, PORTS);
  }

  @AfterAll
  static void stop() {
    if (lab != null) {
      lab.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kind", "kind-dbless", "production-bridge"})
  void whatConnectsIsTheTableOfTheManifests(String overlay) throws IOException {
    Path deploy = Path.of(System.getProperty("fabric.root", "../..")).resolve("samples/deploy");
    List<Manifest> manifests =
        new ArrayList<>(Manifests.read(deploy.resolve("rendered/" + overlay + ".yaml")));
    manifests.addAll(Manifests.read(deploy.resolve("surroundings.yaml")));
    assertThat(differences(manifests)).isEmpty();
  }

  @Test
  void whatConnectsIsTheTableOfGeneratedPolicies() throws IOException {
    long first = Long.getLong("fabric.seed", 1);
    System.out.println(
        "Generated policies of the seeds "
            + first
            + " to "
            + (first + GENERATED - 1)
            + "; others with -Dfabric.seed=N");
    for (long seed = first; seed < first + GENERATED; seed++) {
      List<String> policies = new PolicyGenerator(seed).policies();
      List<String> found = differences(world(policies));
      if (!found.isEmpty()) {
        throw new AssertionError(
            "-Dfabric.seed="
                + seed
                + ": "
                + found
                + " with\n"
                + String.join("\n---\n", smallest(policies)));
      }
    }
  }

  /** Leaves out policies for as long as evaluator and packets still disagree. */
  private static List<String> smallest(List<String> policies) throws IOException {
    for (String policy : policies) {
      List<String> fewer = new ArrayList<>(policies);
      fewer.remove(policy);
      if (!differences(world(fewer)).isEmpty()) {
        return smallest(fewer);
      }
    }
    return policies;
  }

  private static List<Manifest> world(List<String> policies) {
    return Manifests.parse(
        "generated", PolicyGenerator.PODS + "---\n" + String.join("\n---\n", policies));
  }

  private static List<String> differences(List<Manifest> manifests) throws IOException {
    Map<String, End> ends = new LinkedHashMap<>();
    List<NftRules.PodHost> pods = new ArrayList<>();
    World world = World.of(manifests);
    for (Manifest manifest : manifests) {
      JsonNode pod = PodTemplates.of(manifest).orElse(null);
      if (pod != null) {
        List<String> addresses = podAddresses(pods.size() + 1);
        pods.add(
            new NftRules.PodHost(
                manifest.namespace(),
                addresses,
                pod.at("/metadata/labels"),
                pod.at("/spec/containers")));
        addresses.forEach(address -> ends.put(address, new PodEnd(workload(world, manifest))));
      }
    }
    OUTSIDE.forEach(address -> ends.put(address, outside(address + "/32")));
    OUTSIDE_6.forEach(address -> ends.put(address, outside(address + "/128")));
    List<String> differences = new ArrayList<>();
    for (boolean blocksMatchPods : new boolean[] {false, true}) {
      lab.load(NftRules.compile(manifests, pods, blocksMatchPods));
      Evaluator four = new Evaluator(world, blocksMatchPods ? PODS_4 : AddressSet.NONE);
      Evaluator six = new Evaluator(world, blocksMatchPods ? PODS_6 : AddressSet.NONE);
      for (Map.Entry<String, End> from : ends.entrySet()) {
        compare(from.getKey().contains(":") ? six : four, from, ends, blocksMatchPods, differences);
      }
    }
    return differences;
  }

  private static void compare(
      Evaluator evaluator,
      Map.Entry<String, End> from,
      Map<String, End> ends,
      boolean blocksMatchPods,
      List<String> differences)
      throws IOException {
    List<String> targets = new ArrayList<>();
    List<Boolean> expected = new ArrayList<>();
    for (Map.Entry<String, End> to : ends.entrySet()) {
      boolean bothOutside =
          from.getValue() instanceof AddressEnd && to.getValue() instanceof AddressEnd;
      boolean sameFamily = to.getKey().contains(":") == from.getKey().contains(":");
      if (to.getKey().equals(from.getKey()) || bothOutside || !sameFamily) {
        continue;
      }
      PortSet reach = evaluator.reach(from.getValue(), to.getValue());
      for (String port : PORTS) {
        Protocol protocol = Protocol.valueOf(port.substring(0, 3));
        int number = Integer.parseInt(port.substring(4));
        targets.add(protocol + " " + to.getKey() + " " + number);
        expected.add(reach.contains(protocol, number));
      }
    }
    List<Boolean> seen = lab.tryAll(host(from.getKey()), targets);
    for (int i = 0; i < targets.size(); i++) {
      if (!seen.get(i).equals(expected.get(i))) {
        differences.add(
            from.getKey()
                + " to "
                + targets.get(i)
                + ": the evaluator says "
                + expected.get(i)
                + ", packets say "
                + seen.get(i)
                + ", ipBlock matches pods: "
                + blocksMatchPods);
      }
    }
  }

  private static Workload workload(World world, Manifest manifest) {
    return world.workloads().stream()
        .filter(one -> one.id().equals(manifest.namespace() + "/" + manifest.name()))
        .findFirst()
        .orElseThrow();
  }

  private static AddressEnd outside(String cidr) {
    Cidr host = Cidr.parse(cidr);
    return new AddressEnd(new AddressSet.Range(host.family(), host.first(), host.last()));
  }

  private static String podAddress(int number) {
    return "10.244.0." + number;
  }

  private static List<String> podAddresses(int number) {
    return List.of(podAddress(number), "fd00:10:244::" + number);
  }

  /** Hosts go by their IPv4 address. */
  private static String host(String address) {
    int outside = OUTSIDE_6.indexOf(address);
    return outside >= 0 ? OUTSIDE.get(outside) : address.replace("fd00:10:244::", "10.244.0.");
  }
}
