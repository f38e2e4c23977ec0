// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import com.trackunit.fabric.samples.client.PhotoAnswer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether a photo's way was what it should have been, judged by what was seen on the wire and what
 * the client received.
 *
 * @param mistakes what was wrong, a sentence each; empty for a pass
 */
record Verdict(List<String> mistakes) {
  Verdict {
    mistakes = List.copyOf(mistakes);
  }

  boolean isPass() {
    return mistakes.isEmpty();
  }

  /**
   * Judges one photo.
   *
   * @param answer what the client received
   * @param hops what was seen of its correlation id, in the order of seeing
   */
  static Verdict of(PhotoAnswer answer, List<Hop> hops) {
    List<String> mistakes = new ArrayList<>();
    Map<Place, Hop> first = new EnumMap<>(Place.class);
    hops.forEach(hop -> first.putIfAbsent(hop.place(), hop));
    Arrays.stream(Place.values())
        .filter(place -> !first.containsKey(place))
        .forEach(place -> mistakes.add("never seen with the correlation id: " + place));
    requireUntouched(first.get(Place.UPLOADED_TOPIC), first.get(Place.UPLOADED_EXCHANGE), mistakes);
    requireUntouched(
        first.get(Place.RECOGNISED_TOPIC), first.get(Place.RECOGNISED_EXCHANGE), mistakes);
    requireCorrelation(
        "onAnalysisStarted", answer.started().correlationId(), answer.correlationId(), mistakes);
    requireCorrelation(
        "onAnalysisCompleted",
        answer.completed().correlationId(),
        answer.correlationId(),
        mistakes);
    if (!answer.completed().success()) {
      mistakes.add("the machine was not recognised");
    }
    return new Verdict(mistakes);
  }

  private static void requireUntouched(
      @Nullable Hop record, @Nullable Hop message, List<String> mistakes) {
    if (record == null || message == null) {
      return; // never seen, which is a mistake of its own
    }
    if (!record.bodySha256().equals(message.bodySha256())) {
      mistakes.add("the bridge changed the body from " + record.place().target());
    }
    if (!record.key().equals(message.key())) {
      mistakes.add("the bridge changed the key from " + record.place().target());
    }
  }

  private static void requireCorrelation(
      String event, @Nullable String seen, String sent, List<String> mistakes) {
    if (!sent.equals(seen)) {
      mistakes.add(event + " carried the correlation id " + seen + " instead of " + sent);
    }
  }
}
