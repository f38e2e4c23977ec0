// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.ArrayList;
import java.util.List;

/**
 * Kafka's transactions under one transactional id, as the worlds take them to behave; {@link
 * BrokerTracesTest} compares them with the real ones.
 *
 * @param <M> what is written
 */
class SimulatedTransactions<M> {
  /** How a transaction ended. */
  enum Outcome {
    COMMITTED,
    ABORTED,
    FENCED
  }

  /** An end, and what a reader of committed records sees of it. */
  record Ended<M>(Outcome outcome, List<M> written) {
    static <M> Ended<M> without(Outcome outcome) {
      return new Ended<>(outcome, List.of());
    }
  }

  private final List<M> open = new ArrayList<>();
  private boolean refused;
  private int epoch;

  /** Another producer's first call: aborts what is open, and fences the one before off. */
  int init() {
    forget();
    return ++epoch;
  }

  boolean isFenced(int producer) {
    return producer != epoch;
  }

  /** False for a producer that is fenced off. */
  boolean send(int producer, M message) {
    if (isFenced(producer)) {
      return false;
    }
    open.add(message);
    return true;
  }

  /** A record that Kafka does not take as it is: its transaction can only be aborted. */
  void refuse(int producer) {
    refused |= !isFenced(producer);
  }

  Ended<M> commit(int producer) {
    if (isFenced(producer)) {
      return Ended.without(Outcome.FENCED);
    }
    List<M> written = List.copyOf(open);
    boolean isRefused = refused;
    forget();
    return isRefused ? Ended.without(Outcome.ABORTED) : new Ended<>(Outcome.COMMITTED, written);
  }

  Ended<M> abort(int producer) {
    if (isFenced(producer)) {
      return Ended.without(Outcome.FENCED);
    }
    forget();
    return Ended.without(Outcome.ABORTED);
  }

  private void forget() {
    open.clear();
    refused = false;
  }
}
