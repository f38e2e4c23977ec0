// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import com.trackunit.fabric.testkit.brokers.Ledger.Outcome;
import com.trackunit.fabric.testkit.brokers.TestkitException;
import com.trackunit.fabric.testkit.brokers.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * What a {@link ChaosRun} has found: in words for a person ({@link #toString}), as JSON for a
 * machine ({@link #write}), as an exit code for a script. Immutable.
 */
public final class ChaosReport {
  /** What a run comes to. */
  public enum Conclusion {
    /** Every promise was kept, and the run could have shown otherwise. */
    PASSED,
    /** A promise was broken. */
    FAILED,
    /** No promise was broken, but the run was not able to show that they hold. */
    INCONCLUSIVE
  }

  record Judged(Arm arm, Verdict verdict, Told told) {}

  record Plan(String name, long seed, Duration time, int confirmedAtLeast) {}

  private final Plan plan;
  private final List<Judged> judged;
  private final List<ChaosRun.Inflicted> inflicted;
  private final Map<String, Long> faults = new TreeMap<>();
  private final Map<String, Long> caught = new TreeMap<>();
  private final List<String> failures;
  private final List<String> doubts;

  ChaosReport(
      Plan plan,
      List<Judged> judged,
      List<ChaosRun.Inflicted> inflicted,
      List<String> failures,
      List<String> doubts) {
    this.plan = plan;
    this.inflicted = List.copyOf(inflicted);
    this.failures = new ArrayList<>(failures);
    this.doubts = new ArrayList<>(doubts);
    this.judged = List.copyOf(judged);
    for (ChaosRun.Inflicted one : inflicted) {
      faults.merge(one.step().fault().kind(), 1L, Long::sum);
      caught.merge(one.step().fault().kind(), one.caught(), Long::sum);
    }
    judged.forEach(this::judge);
    caught.forEach(
        (kind, messages) -> {
          if (messages == 0) {
            this.doubts.add(kind + " caught no message in flight");
          }
        });
  }

  private void judge(Judged one) {
    Arm arm = one.arm();
    Verdict verdict = one.verdict();
    if (!arm.isHonest()) {
      if (verdict.lost() == 0) {
        doubts.add(
            "arm '"
                + arm.name()
                + "', which promises nothing, lost nothing: the ledger was not"
                + " put to the test");
      }
      return;
    }
    if (arm.isBroken(verdict)) {
      failures.add("arm '" + arm.name() + "' promised " + arm.promise() + ": " + verdict);
    }
    if (verdict.overtaken() > one.told().overtaken()) {
      doubts.add(
          "arm '"
              + arm.name()
              + "' shows "
              + verdict.overtaken()
              + " overtaken messages, but its program has counted "
              + one.told().overtaken());
    }
    if (verdict.confirmed() < plan.confirmedAtLeast()) {
      doubts.add(
          "arm '"
              + arm.name()
              + "' confirmed "
              + verdict.confirmed()
              + ", expected at least "
              + plan.confirmedAtLeast());
    }
  }

  /**
   * What it comes to.
   *
   * @return {@link Conclusion#FAILED} before all others
   */
  public Conclusion conclusion() {
    if (!failures.isEmpty()) {
      return Conclusion.FAILED;
    }
    return doubts.isEmpty() ? Conclusion.PASSED : Conclusion.INCONCLUSIVE;
  }

  /**
   * The exit code of a script.
   *
   * @return 0 passed, 1 failed, 2 inconclusive
   */
  public int exitCode() {
    return switch (conclusion()) {
      case PASSED -> 0;
      case FAILED -> 1;
      case INCONCLUSIVE -> 2;
    };
  }

  /**
   * How many faults were inflicted.
   *
   * @return all kinds together
   */
  public int faultCount() {
    return inflicted.size();
  }

  /**
   * The verdict on one arm.
   *
   * @param name the arm's
   * @return what its ledger says
   * @throws IllegalArgumentException if there is no such arm
   */
  public Verdict verdictOn(String name) {
    return judged.stream()
        .filter(one -> one.arm().name().equals(name))
        .map(Judged::verdict)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no arm '" + name + "'"));
  }

  /**
   * Writes the JSON; folders are made.
   *
   * @param file is replaced
   * @throws TestkitException if it cannot be written
   */
  public void write(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, toJson());
    } catch (IOException e) {
      throw new TestkitException("write " + file + ": " + e, e);
    }
  }

  /**
   * As JSON: seed, verdict, the faults and the messages they caught by kind, every count over all
   * honest arms ({@code reordered}, {@code overtaken} and {@code stale} over those that promise
   * order), and each arm.
   *
   * @return an object
   */
  public String toJson() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("run", plan.name());
    all.put("seed", plan.seed());
    all.put("seconds", plan.time().toSeconds());
    all.put("verdict", conclusion().name().toLowerCase(Locale.ROOT));
    all.put("conclusive", doubts.isEmpty());
    all.put("faults", faults);
    all.put("caught", caught);
    all.put("fault_count", inflicted.size());
    COUNTS.forEach((count, of) -> all.put(count, sum(count, of)));
    Map<String, Object> arms = new LinkedHashMap<>();
    judged.forEach(one -> arms.put(one.arm().name(), describe(one)));
    all.put("arms", arms);
    all.put("failures", failures);
    all.put("doubts", doubts);
    all.put("schedule", inflicted.stream().map(one -> one.step().toString()).toList());
    return Json.of(all) + "\n";
  }

  private static final Map<String, ToLongFunction<Judged>> COUNTS = counts();
  private static final Set<String> ORDER = Set.of("reordered", "overtaken", "stale");

  private static Map<String, ToLongFunction<Judged>> counts() {
    Map<String, ToLongFunction<Judged>> counts = new LinkedHashMap<>();
    counts.put("sent", one -> one.verdict().sent());
    counts.put("confirmed", one -> one.verdict().confirmed());
    counts.put("unknown", one -> answered(one, Outcome.UNKNOWN));
    counts.put("returned", one -> answered(one, Outcome.RETURNED));
    counts.put("rejected", one -> answered(one, Outcome.REJECTED));
    counts.put("not_sent", one -> answered(one, Outcome.NOT_SENT));
    counts.put("seen", one -> one.verdict().seen());
    counts.put("lost", one -> one.verdict().lost());
    counts.put("destroyed", one -> one.verdict().destroyed());
    counts.put("unexpected", one -> one.verdict().unexpected());
    counts.put("recovered", one -> one.verdict().recovered());
    counts.put("duplicated", one -> one.verdict().duplicated());
    counts.put("reordered", one -> one.verdict().reordered());
    counts.put("overtaken", one -> one.verdict().overtaken());
    counts.put("stale", one -> one.verdict().stale());
    counts.put("beyond_ledger", one -> one.told().beyondLedger());
    counts.put("unanswered", one -> one.verdict().unanswered());
    counts.put("contradicted", one -> one.verdict().contradicted());
    return counts;
  }

  private static long answered(Judged one, Outcome outcome) {
    return one.verdict().outcomes().getOrDefault(outcome, 0L);
  }

  private long sum(String count, ToLongFunction<Judged> of) {
    return judged.stream()
        .filter(one -> ORDER.contains(count) ? one.arm().isOrdered() : one.arm().isHonest())
        .mapToLong(of)
        .sum();
  }

  private static Map<String, Object> describe(Judged one) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("promise", one.arm().promise().toString());
    COUNTS.forEach(
        (count, of) -> {
          if (one.arm().isOrdered() || !ORDER.contains(count)) {
            shown.put(count, of.applyAsLong(one));
          }
        });
    return shown;
  }

  /** The schedule, the counts of each arm and the conclusion with its reasons. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    out.append(
        String.format(
            Locale.ROOT,
            "%nChaos of %s, seed %d: %d faults of %d kinds%n%n",
            plan.name(),
            plan.seed(),
            inflicted.size(),
            faults.size()));
    out.append(String.format("  %-34s %6s %12s%n", "fault", "times", "caught"));
    faults.forEach(
        (kind, times) ->
            out.append(String.format("  %-34s %6d %12d%n", kind, times, caught.get(kind))));
    out.append(
        String.format(
            "%n  %-18s %-14s %9s %9s %6s %9s %10s %9s %10s %9s %9s %6s%n",
            "arm",
            "promises",
            "confirmed",
            "seen",
            "lost",
            "destroyed",
            "unexpected",
            "recovered",
            "duplicated",
            "reordered",
            "overtaken",
            "stale"));
    judged.forEach(one -> out.append(line(one.arm(), one.verdict())));
    out.append(String.format("%n%s%n", sentence()));
    failures.forEach(failure -> out.append("  broken: ").append(failure).append('\n'));
    doubts.forEach(doubt -> out.append("  in doubt: ").append(doubt).append('\n'));
    return out.toString();
  }

  private static String line(Arm arm, Verdict verdict) {
    return String.format(
        Locale.ROOT,
        "  %-18s %-14s %9d %9d %6d %9d %10d %9d %10d %9s %9s %6s%n",
        arm.name(),
        arm.promise() == Arm.Promise.NONE ? "nothing" : arm.promise(),
        verdict.confirmed(),
        verdict.seen(),
        verdict.lost(),
        verdict.destroyed(),
        verdict.unexpected(),
        verdict.recovered(),
        verdict.duplicated(),
        arm.isOrdered() ? verdict.reordered() : "-",
        arm.isOrdered() ? verdict.overtaken() : "-",
        arm.isOrdered() ? verdict.stale() : "-");
  }

  private String sentence() {
    return switch (conclusion()) {
      case PASSED ->
          "PASS: what was confirmed came out, in order where order is promised, and nothing else"
              + " did. The same ledger convicted every program that promises nothing.";
      case FAILED -> "FAIL: a promise was broken. The same seed gives the same schedule.";
      case INCONCLUSIVE ->
          "INCONCLUSIVE: no promise was broken, but this run was not able to show that they hold.";
    };
  }
}
