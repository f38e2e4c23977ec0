// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import com.trackunit.fabric.samples.deploy.manifest.Manifest;
import com.trackunit.fabric.samples.deploy.manifest.ManifestException;
import com.trackunit.fabric.samples.deploy.manifest.PodTemplates;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * The full table of who reaches whom on which port. What stands in no row reaches nothing.
 * Immutable.
 *
 * <p>Whether an ipBlock matches pods depends on the network plugin, so each row has two answers.
 * Pods of {@code hostNetwork} are not in the table: the API leaves open what policies mean for
 * them. Nor is a pod's way to itself, which no policy closes.
 */
public final class ReachTable {
  /** What is not a pod, in the columns {@code from} and {@code to}. */
  static final String OUTSIDE = "outside ";

  private static final String ARROW = " -> ";
  private static final String NOT_EVALUATED = "# not evaluated, ";

  private final List<Reach> rows;
  private final List<String> leftOut;

  private ReachTable(List<Reach> rows, List<String> leftOut) {
    this.rows = rows;
    this.leftOut = leftOut;
  }

  /**
   * Evaluates the policies of some manifests.
   *
   * @param manifests namespaces, workloads, services and policies; others are passed over
   * @param podCidrs where pods get their addresses from; where an ipBlock matches pods, it matches
   *     those it shares an address with
   * @return the table
   * @throws ManifestException if an API server would refuse a policy, or a block is none
   */
  public static ReachTable of(List<Manifest> manifests, Collection<String> podCidrs) {
    World world = World.of(manifests);
    AddressSet pods = AddressSet.NONE;
    for (String cidr : podCidrs) {
      try {
        pods = pods.or(AddressSet.of(Cidr.parse(cidr)));
      } catch (IllegalArgumentException e) {
        throw new ManifestException("pod addresses: " + e.getMessage());
      }
    }
    ReachBuilder builder =
        new ReachBuilder(world, new Evaluator(world, AddressSet.NONE), new Evaluator(world, pods));
    List<String> leftOut = new ArrayList<>();
    world.workloads().stream()
        .filter(Workload::usesHostNetwork)
        .map(workload -> "hostNetwork: " + workload.id())
        .forEach(leftOut::add);
    manifests.stream()
        .filter(PodTemplates::mayMakeOthers)
        .map(manifest -> "kind not known: " + manifest.id())
        .forEach(leftOut::add);
    return new ReachTable(builder.rows(), leftOut);
  }

  /**
   * All that is reached.
   *
   * @return rows by source and destination
   */
  public List<Reach> rows() {
    return rows;
  }

  /**
   * Pods that are in no row: those that use their node's network, and those of kinds that are not
   * read here.
   *
   * @return for each a reason and a name
   */
  public List<String> leftOut() {
    return leftOut;
  }

  /**
   * The table for people: a line for each row, with ports, source and destination.
   *
   * @return lines that end with a line feed
   */
  public String toText() {
    int answers = width(rows.stream().map(Reach::answer).toList());
    int from = width(rows.stream().map(Reach::from).toList());
    StringBuilder text = new StringBuilder();
    for (Reach row : rows) {
      text.append(pad(row.answer(), answers))
          .append("  ")
          .append(pad(row.from(), from))
          .append(ARROW)
          .append(row.to())
          .append('\n');
    }
    leftOut.forEach(why -> text.append(NOT_EVALUATED).append(why).append('\n'));
    return text.toString();
  }

  /**
   * Compares with a table that was kept.
   *
   * @param kept what {@link #toText} gave
   * @return a sentence for each difference; empty if there is none
   */
  public List<String> differencesFrom(String kept) {
    TreeSet<String> before = new TreeSet<>();
    kept.lines().filter(line -> !line.isBlank()).map(ReachTable::sentence).forEach(before::add);
    TreeSet<String> now = new TreeSet<>();
    rows.stream().map(Reach::sentence).forEach(now::add);
    leftOut.stream().map(why -> NOT_EVALUATED + why).forEach(now::add);
    List<String> sentences = new ArrayList<>();
    now.stream()
        .filter(sentence -> !before.contains(sentence))
        .forEach(
            sentence -> sentences.add("now " + sentence + ", which the kept table does not have"));
    before.stream()
        .filter(sentence -> !now.contains(sentence))
        .forEach(sentence -> sentences.add("no longer " + sentence + ", as the kept table has it"));
    return sentences;
  }

  /** A line of the table, said as {@link Reach#sentence} says it. */
  private static String sentence(String line) {
    String[] columns = line.split("  +", 2);
    String[] ends = columns.length < 2 ? new String[0] : columns[1].split(" *" + ARROW, 2);
    return ends.length < 2 ? line : ends[0] + " reaches " + ends[1] + " on " + columns[0];
  }

  private static int width(List<String> column) {
    return column.stream().mapToInt(String::length).max().orElse(0);
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(width - text.length());
  }
}
