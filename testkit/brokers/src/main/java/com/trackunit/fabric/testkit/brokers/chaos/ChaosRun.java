// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.testkit.brokers.Ledger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Inflicts one fault after the other on a load that runs already, and judges what came of it.
 *
 * <p>After each fault it waits until messages flow again on every honest arm, so that the next one
 * strikes a load and not the ruins of the one before; an arm that does not recover in time has
 * failed. It goes on until its time is over, each kind of fault was inflicted and there were enough
 * of them, for at most twice its time or a minute more. Then it has the load stopped, waits until
 * everything that was confirmed was seen, and judges.
 *
 * <pre>{@code
 * ChaosReport report = ChaosRun.builder("messaging", 1, Duration.ofSeconds(120), load)
 *     .fault(Fault.lasting("broker-killed", random -> node.kill(), random -> node.restart()))
 *     .build()
 *     .run();
 * }</pre>
 *
 * <p>Used by one thread, once. It starts no thread.
 */
public final class ChaosRun {
  private static final Duration A_MINUTE = Duration.ofMinutes(1);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
  private static final Duration LONGEST_QUIET = Duration.ofSeconds(1);

  private final String name;
  private final long seed;
  private final Duration time;
  private final ChaosLoad load;
  private final List<Fault> faults;
  private final List<Arm> arms;
  private final int confirmedAtLeast;
  private final int faultsAtLeast;
  private final Duration warmUp;
  private final Duration recoverWithin;
  private final Duration restAtMost;
  private final Consumer<String> progress;
  private final Ticker ticker = Ticker.system();

  private final List<Inflicted> inflicted = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final List<String> doubts = new ArrayList<>();

  private ChaosRun(Builder builder) {
    this.name = builder.name;
    this.seed = builder.seed;
    this.time = builder.time;
    this.faults = List.copyOf(builder.faults);
    this.load = builder.load;
    this.arms = List.copyOf(builder.load.arms());
    this.confirmedAtLeast = builder.confirmedAtLeast;
    this.faultsAtLeast = builder.faultsAtLeast;
    this.warmUp = builder.warmUp;
    this.recoverWithin = builder.recoverWithin;
    this.restAtMost = builder.restAtMost;
    this.progress = builder.progress;
  }

  /**
   * Describes a run.
   *
   * @param name what is run, such as {@code messaging}
   * @param seed decides the schedule
   * @param time how long to inflict faults; more than zero
   * @param load runs when the run begins; whoever opened it closes it
   * @return what builds it
   * @throws IllegalArgumentException if the time is not more than zero
   */
  public static Builder builder(String name, long seed, Duration time, ChaosLoad load) {
    return new Builder(name, seed, time, load);
  }

  /**
   * A fault that was inflicted.
   *
   * @param step as it was planned
   * @param at since the first messages flowed
   * @param caught how many messages were in flight when it began, all honest arms together
   */
  record Inflicted(FaultSchedule.Step step, Duration at, long caught) {}

  /**
   * Runs to the end. Blocks.
   *
   * @return what was found
   * @throws InterruptedException if interrupted: the fault of the moment was ended, the load runs
   */
  public ChaosReport run() throws InterruptedException {
    FaultSchedule schedule = new FaultSchedule(seed, faults, restAtMost);
    if (flows("before the first fault")) {
      Thread.sleep(warmUp.toMillis());
      long start = ticker.nanos();
      Set<Fault> missing = new HashSet<>(faults);
      boolean goesOn = true;
      while (goesOn) {
        FaultSchedule.Step step = schedule.next();
        goesOn = inflict(step, start);
        missing.remove(step.fault());
        Duration taken = Duration.ofNanos(ticker.nanos() - start);
        boolean isEnough = missing.isEmpty() && inflicted.size() >= faultsAtLeast;
        goesOn &= taken.compareTo(isEnough ? time : longestTime()) < 0;
      }
      missing.forEach(fault -> doubts.add(fault + " was never inflicted: the time was too short"));
      if (inflicted.size() < faultsAtLeast) {
        doubts.add("only " + inflicted.size() + " faults, expected at least " + faultsAtLeast);
      }
    }
    progress.accept("Stopping the load, then waiting until everything has come out ...");
    load.stopSending();
    if (!await(this::isQuiet, recoverWithin)) {
      doubts.add("messages were still on their way " + recoverWithin + " after the load's end");
    }
    return new ChaosReport(
        new ChaosReport.Plan(name, seed, time, confirmedAtLeast),
        judged(),
        inflicted,
        failures,
        doubts);
  }

  private List<ChaosReport.Judged> judged() {
    return arms.stream()
        .map(arm -> new ChaosReport.Judged(arm, arm.ledger().verdict(), load.told(arm)))
        .toList();
  }

  /** For a machine that is too slow to inflict everything in the time given. */
  private Duration longestTime() {
    Duration twice = time.multipliedBy(2);
    Duration aMinuteMore = time.plus(A_MINUTE);
    return twice.compareTo(aMinuteMore) > 0 ? twice : aMinuteMore;
  }

  /** One fault from its rest to the recovery after it; false if the run cannot go on. */
  private boolean inflict(FaultSchedule.Step step, long start) throws InterruptedException {
    Thread.sleep(step.rest().toMillis());
    long caught = arms.stream().filter(Arm::isHonest).mapToLong(a -> a.ledger().inFlight()).sum();
    Duration at = Duration.ofNanos(ticker.nanos() - start);
    inflicted.add(new Inflicted(step, at, caught));
    progress.accept(
        String.format("%6.1f s  %s, %d messages in flight", at.toMillis() / 1000.0, step, caught));
    Exception failure = null;
    try {
      step.fault().begin().run(new Random(step.choices()));
      Thread.sleep(step.lasts().toMillis());
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      failure = e;
    } finally {
      failure = ended(step, failure);
    }
    if (failure != null) {
      doubts.add(step.fault() + " could not be inflicted: " + failure);
      return false;
    }
    return flows("after " + step.fault());
  }

  private static @Nullable Exception ended(FaultSchedule.Step step, @Nullable Exception before) {
    try {
      step.fault().end().run(new Random(step.choices()));
      return before;
    } catch (Exception e) {
      if (before != null) {
        before.addSuppressed(e);
        return before;
      }
      return e;
    }
  }

  /** Waits until every honest arm has brought a message that was sent from now on. */
  private boolean flows(String when) throws InterruptedException {
    Map<Arm, Long> marks = new LinkedHashMap<>();
    arms.stream().filter(Arm::isHonest).forEach(arm -> marks.put(arm, arm.ledger().sentCount()));
    BooleanSupplier allFlow =
        () -> {
          marks.entrySet().removeIf(e -> e.getKey().ledger().hasSeenAfter(e.getValue()));
          return marks.isEmpty();
        };
    if (await(allFlow, recoverWithin)) {
      return true;
    }
    for (Arm stuck : marks.keySet()) {
      failures.add(
          "arm '"
              + stuck.name()
              + "' is stuck: no message came within "
              + recoverWithin
              + " "
              + when);
    }
    return false;
  }

  /** Everything confirmed was seen, and nothing more has come for a while. */
  private boolean isQuiet() {
    try {
      if (!arms.stream().filter(Arm::isHonest).map(Arm::ledger).allMatch(ChaosRun::isDrained)
          || !load.isDrained()) {
        return false;
      }
      long before = seen();
      Thread.sleep(Math.min(LONGEST_QUIET.toMillis(), time.toMillis()));
      return before == seen();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The count is at hand at once, the verdict is not. */
  private static boolean isDrained(Ledger ledger) {
    return ledger.inFlight() == 0 && ledger.isDrained();
  }

  private long seen() {
    return arms.stream().mapToLong(arm -> arm.ledger().seenCount()).sum();
  }

  private boolean await(BooleanSupplier condition, Duration limit) throws InterruptedException {
    Deadline deadline = Deadline.after(limit, ticker);
    while (!condition.getAsBoolean()) {
      if (deadline.hasPassed()) {
        return false;
      }
      Thread.sleep(LOOK_AGAIN.toMillis());
    }
    return true;
  }

  /** The options of a {@link ChaosRun}. Not thread-safe. */
  public static final class Builder {
    private final String name;
    private final long seed;
    private final Duration time;
    private final List<Fault> faults = new ArrayList<>();
    private final ChaosLoad load;
    private int confirmedAtLeast = 10_000;
    private int faultsAtLeast = 1;
    private Duration warmUp = Duration.ZERO;
    private Duration recoverWithin = Duration.ofSeconds(60);
    private Duration restAtMost = Duration.ofMillis(1500);
    private Consumer<String> progress = line -> {};

    private Builder(String name, long seed, Duration time, ChaosLoad load) {
      if (time.isNegative() || time.isZero()) {
        throw new IllegalArgumentException("chaos run: time is " + time + ", expected more than 0");
      }
      this.name = Objects.requireNonNull(name, "name");
      this.seed = seed;
      this.time = time;
      this.load = Objects.requireNonNull(load, "load");
    }

    /**
     * Adds a kind of fault.
     *
     * @param fault inflicted as often as its weight says
     * @return this
     */
    public Builder fault(Fault fault) {
      faults.add(Objects.requireNonNull(fault, "fault"));
      return this;
    }

    /**
     * How many messages each honest arm has to confirm for the run to be conclusive.
     *
     * @param messages at least 1; default 10,000
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     */
    public Builder confirmedAtLeast(int messages) {
      if (messages < 1) {
        throw new IllegalArgumentException(
            "chaos run: confirmedAtLeast is " + messages + ", expected at least 1");
      }
      confirmedAtLeast = messages;
      return this;
    }

    /**
     * How many faults have to be inflicted, all kinds together, for the run to be conclusive.
     *
     * @param count default 1
     * @return this
     */
    public Builder faultsAtLeast(int count) {
      faultsAtLeast = count;
      return this;
    }

    /**
     * How long messages flow before the first fault.
     *
     * @param duration default zero
     * @return this
     */
    public Builder warmUp(Duration duration) {
      warmUp = Objects.requireNonNull(duration, "duration");
      return this;
    }

    /**
     * How long messages flow undisturbed between two faults, at most; the seed chooses.
     *
     * @param duration default 1.5 s
     * @return this
     */
    public Builder restAtMost(Duration duration) {
      restAtMost = Objects.requireNonNull(duration, "duration");
      return this;
    }

    /**
     * How long an arm may take from the end of a fault until it flows again, and all of them from
     * the end of the load until they are drained.
     *
     * @param duration default 60 s
     * @return this
     */
    public Builder recoverWithin(Duration duration) {
      recoverWithin = Objects.requireNonNull(duration, "duration");
      return this;
    }

    /**
     * Is told a line for each fault.
     *
     * @param listener default nobody
     * @return this
     */
    public Builder progress(Consumer<String> listener) {
      progress = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /**
     * The run.
     *
     * @return to be run once
     */
    public ChaosRun build() {
      return new ChaosRun(this);
    }
  }
}
