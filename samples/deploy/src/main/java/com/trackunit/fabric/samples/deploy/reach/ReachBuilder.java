// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import com.trackunit.fabric.samples.deploy.reach.Evaluator.AddressEnd;
import com.trackunit.fabric.samples.deploy.reach.Evaluator.End;
import com.trackunit.fabric.samples.deploy.reach.Evaluator.PodEnd;
import com.trackunit.fabric.samples.deploy.reach.Policy.BlockPeer;
import com.trackunit.fabric.samples.deploy.reach.Policy.Rule;
import com.trackunit.fabric.samples.deploy.reach.World.ServiceDoor;
import com.trackunit.fabric.samples.deploy.reach.World.ServicePort;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;

/** Asks the evaluators about all pairs of ends. */
final class ReachBuilder {
  private final World world;
  private final Evaluator blocksMissPods;
  private final Evaluator blocksMatchPods;
  private final List<Workload> workloads;

  ReachBuilder(World world, Evaluator blocksMissPods, Evaluator blocksMatchPods) {
    this.world = world;
    this.blocksMissPods = blocksMissPods;
    this.blocksMatchPods = blocksMatchPods;
    this.workloads =
        world.workloads().stream()
            .filter(workload -> !workload.usesHostNetwork())
            .sorted(Comparator.comparing(Workload::id))
            .toList();
  }

  List<Reach> rows() {
    List<Reach> rows = new ArrayList<>();
    List<AddressEnd> outside = addresses();
    for (Workload from : workloads) {
      PodEnd pod = new PodEnd(from);
      workloads.forEach(to -> add(rows, from, to));
      byAnswer(outside, address -> blocksMissPods.reach(pod, address))
          .forEach((ports, where) -> rows.add(row(from.id(), outside(where), ports)));
    }
    for (Workload to : workloads) {
      PodEnd pod = new PodEnd(to);
      byAnswer(outside, address -> blocksMissPods.reach(address, pod))
          .forEach((ports, where) -> rows.add(withServices(outside(where), to, ports, ports)));
    }
    return List.copyOf(rows);
  }

  private void add(List<Reach> rows, Workload from, Workload to) {
    PortSet ports = blocksMissPods.reach(new PodEnd(from), new PodEnd(to));
    PortSet wider = blocksMatchPods.reach(new PodEnd(from), new PodEnd(to));
    if (!ports.isEmpty() || !wider.isEmpty()) {
      rows.add(withServices(from.id(), to, ports, wider));
    }
  }

  private Reach withServices(String from, Workload to, PortSet ports, PortSet wider) {
    TreeSet<String> services = new TreeSet<>();
    for (ServiceDoor service : world.services()) {
      for (ServicePort port : service.ports()) {
        if (service.leadsTo(to) && !port.on(to).and(wider).isEmpty()) {
          services.add(service.name() + ":" + port.port());
        }
      }
    }
    return new Reach(from, to.id(), ports.toString(), wider.toString(), List.copyOf(services));
  }

  private static Reach row(String from, String to, PortSet ports) {
    return new Reach(from, to, ports.toString(), ports.toString(), List.of());
  }

  private static String outside(AddressSet addresses) {
    return ReachTable.OUTSIDE + addresses;
  }

  private static Map<PortSet, AddressSet> byAnswer(
      List<AddressEnd> ends, Function<End, PortSet> question) {
    Map<PortSet, List<AddressSet.Range>> ranges = new LinkedHashMap<>();
    for (AddressEnd end : ends) {
      PortSet answer = question.apply(end);
      if (!answer.isEmpty()) {
        ranges.computeIfAbsent(answer, none -> new ArrayList<>()).add(end.addresses());
      }
    }
    Map<PortSet, AddressSet> sets = new LinkedHashMap<>();
    ranges.forEach((ports, where) -> sets.put(ports, AddressSet.of(where)));
    return sets;
  }

  /** All addresses, in pieces so small that no policy's block ends within one. */
  private List<AddressEnd> addresses() {
    List<AddressEnd> pieces = new ArrayList<>();
    for (Cidr all : List.of(AddressSet.ALL_4, AddressSet.ALL_6)) {
      TreeSet<BigInteger> starts = new TreeSet<>();
      starts.add(all.first());
      for (AddressSet.Range range : blocks()) {
        if (range.family() == all.family()) {
          starts.add(range.first());
          starts.add(range.last().add(BigInteger.ONE));
        }
      }
      starts.remove(all.last().add(BigInteger.ONE));
      for (BigInteger start : starts) {
        BigInteger next = starts.higher(start);
        BigInteger last = next == null ? all.last() : next.subtract(BigInteger.ONE);
        pieces.add(new AddressEnd(new AddressSet.Range(all.family(), start, last)));
      }
    }
    return pieces;
  }

  private List<AddressSet.Range> blocks() {
    List<AddressSet.Range> ranges = new ArrayList<>();
    for (Policy policy : world.policies()) {
      List<Rule> rules = new ArrayList<>(policy.ingress().orElse(List.of()));
      rules.addAll(policy.egress().orElse(List.of()));
      for (Rule rule : rules) {
        for (Policy.Peer peer : rule.peers()) {
          if (peer instanceof BlockPeer block) {
            ranges.addAll(block.addresses().ranges());
          }
        }
      }
    }
    return ranges;
  }
}
