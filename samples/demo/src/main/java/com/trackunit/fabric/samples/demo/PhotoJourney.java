// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.samples.client.Hop.Step;
import com.trackunit.fabric.samples.client.PhotoAnswer;
import com.trackunit.fabric.samples.client.TrackunitClient;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Sends a photo and prints its way: what the client did and what was seen on the wire, by time. */
final class PhotoJourney {
  /** Observers may see the last message a moment after the client does. */
  private static final Duration OBSERVER_BOUND = Duration.ofSeconds(5);

  private final PrintStream out;

  PhotoJourney(PrintStream out) {
    this.out = out;
  }

  private record Line(Instant at, String text) {}

  /**
   * Sends one photo through a running fabric.
   *
   * @return whether everything was as it should be; {@code PASS} or {@code FAIL} is printed
   */
  boolean send(TrackunitClient client, Path photo, HopObserver observer) {
    Instant begin = Instant.now();
    PhotoAnswer answer = client.send(photo, hop -> {});
    List<Hop> seen = await(observer, answer.correlationId());

    List<Line> lines = new ArrayList<>();
    answer
        .hops()
        .forEach(
            hop ->
                lines.add(
                    new Line(begin.plus(hop.at()), "client: " + hop.step() + "  " + hop.detail())));
    seen.forEach(hop -> lines.add(new Line(hop.at(), hop.place() + "  " + hop.key())));
    lines.sort(Comparator.comparing(Line::at));
    Instant uploadBegan = begin.plus(at(answer, Step.SIGNED_IN));
    out.println();
    for (Line line : lines) {
      out.printf("%+6d ms  %s%n", Duration.between(uploadBegan, line.at()).toMillis(), line.text());
    }

    Verdict verdict = Verdict.of(answer, seen);
    out.println();
    verdict.mistakes().forEach(mistake -> out.println("  " + mistake));
    Duration flow = at(answer, Step.ANALYSIS_COMPLETED).minus(at(answer, Step.SIGNED_IN));
    out.printf(
        "%s: one correlation id %s at %d places on the wire, %d ms from sign-in to answer%n",
        verdict.isPass() ? "PASS" : "FAIL", answer.correlationId(), seen.size(), flow.toMillis());
    return verdict.isPass();
  }

  private static List<Hop> await(HopObserver observer, String correlationId) {
    Deadline deadline = Deadline.after(OBSERVER_BOUND, Ticker.system());
    while (observer.hops(correlationId).size() < Place.values().length && !deadline.hasPassed()) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    }
    return observer.hops(correlationId);
  }

  private static Duration at(PhotoAnswer answer, Step step) {
    return answer.hops().stream()
        .filter(hop -> hop.step() == step)
        .map(com.trackunit.fabric.samples.client.Hop::at)
        .findFirst()
        .orElseThrow();
  }
}
