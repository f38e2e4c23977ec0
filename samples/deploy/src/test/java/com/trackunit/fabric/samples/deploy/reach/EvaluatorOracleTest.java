// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.Manifests;
import com.trackunit.fabric.samples.deploy.reach.Evaluator.AddressEnd;
import com.trackunit.fabric.samples.deploy.reach.Evaluator.End;
import com.trackunit.fabric.samples.deploy.reach.Evaluator.PodEnd;
import com.trackunit.fabric.samples.deploy.reach.PacketOracle.Host;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The evaluator's sets of ports say about each single packet what a plain reading of the API says:
 * for generated policies, with all protocols, and both readings of ipBlock.
 */
class EvaluatorOracleTest {
  private static final int SEEDS = 400;
  private static final int[] PORTS = {1, 53, 79, 80, 81, 99, 100, 8080, 9000, 9001, 65535};

  /** Inside and outside of the generator's blocks, and at their edges. */
  private static final List<String> OUTSIDE =
      List.of(
          "203.0.113.7",
          "203.0.113.8",
          "203.0.114.0",
          "192.168.5.5",
          "10.243.255.255",
          "10.245.0.0",
          "0.0.0.0",
          "255.255.255.255",
          "2001:db8::7",
          "2001:db8::8",
          "2001:db9:ffff:ffff:ffff:ffff:ffff:ffff",
          "2001:dba::",
          "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
          "fd00::1",
          "64:ff9b::1",
          "64:ff9c::");

  private final List<String> differences = new ArrayList<>();

  @Test
  void everyPacketIsJudgedAsAPlainReadingOfTheApiDoes() {
    long first = Long.getLong("fabric.seed", 1);
    for (long seed = first; seed < first + SEEDS && differences.isEmpty(); seed++) {
      String text =
          PolicyGenerator.PODS
              + "---\n"
              + String.join("\n---\n", new PolicyGenerator(seed).policies());
      compare("-Dfabric.seed=" + seed, Manifests.parse("generated", text));
    }
    assertThat(differences).isEmpty();
  }

  private void compare(String what, List<Manifest> manifests) {
    World world = World.of(manifests);
    for (boolean blocksMatchPods : new boolean[] {false, true}) {
      PacketOracle oracle = new PacketOracle(manifests, blocksMatchPods);
      Evaluator evaluator =
          new Evaluator(
              world,
              blocksMatchPods ? AddressSet.of(Cidr.parse("10.244.0.0/16")) : AddressSet.NONE);
      Map<Host, End> ends = ends(world, manifests);
      ends.forEach(
          (from, fromEnd) ->
              ends.forEach(
                  (to, toEnd) -> {
                    boolean isQuestion = (from.isPod() || to.isPod()) && !from.equals(to);
                    if (isQuestion) {
                      packets(what, oracle, from, to, evaluator.reach(fromEnd, toEnd));
                    }
                  }));
    }
  }

  private void packets(String what, PacketOracle oracle, Host from, Host to, PortSet reach) {
    for (Protocol protocol : Protocol.values()) {
      for (int port : PORTS) {
        boolean passes = oracle.passes(from, to, protocol.name(), port);
        if (passes != reach.contains(protocol, port)) {
          differences.add(
              what
                  + ": "
                  + from.address()
                  + " to "
                  + to.address()
                  + " "
                  + protocol
                  + " "
                  + port
                  + ": the evaluator says "
                  + !passes);
        }
      }
    }
  }

  private static Map<Host, End> ends(World world, List<Manifest> manifests) {
    Map<Host, End> ends = new LinkedHashMap<>();
    for (Manifest manifest : manifests) {
      if (manifest.kind().equals("Pod")) {
        Workload workload =
            world.workloads().stream()
                .filter(one -> one.id().equals(manifest.namespace() + "/" + manifest.name()))
                .findFirst()
                .orElseThrow();
        String address = "10.244.0." + (ends.size() + 1);
        ends.put(new Host(manifest.namespace(), manifest.tree(), address), new PodEnd(workload));
      }
    }
    for (String address : OUTSIDE) {
      Cidr host = Cidr.parse(address + (address.contains(":") ? "/128" : "/32"));
      ends.put(
          new Host("", null, address),
          new AddressEnd(new AddressSet.Range(host.family(), host.first(), host.last())));
    }
    return ends;
  }
}
