// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.flow.Settlements;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The producer of a route from a queue, in its present life, and what it has been given. Answers to
 * another life than the present one mean nothing. Not thread-safe.
 *
 * @param <M> what is sent
 */
final class ProducerLife<M> {
  private enum State {
    NONE,
    OPENING,
    READY,
    COMMITTING,
    ABORTING
  }

  private State state = State.NONE;
  private long life;
  private long sequence;
  private long layout;
  private long nextLayout;
  private Settlements<Held<M>> sent = new Settlements<>();
  private long quietSince;

  /** Begins another life. */
  long open() {
    state = State.OPENING;
    return ++life;
  }

  void ready(long partitions) {
    state = State.READY;
    layout = partitions;
    nextLayout = partitions;
  }

  void drop() {
    state = State.NONE;
    sent = new Settlements<>();
  }

  boolean isNone() {
    return state == State.NONE;
  }

  boolean isCurrent(long ofLife) {
    return state != State.NONE && ofLife == life;
  }

  boolean isOpening(long ofLife) {
    return state == State.OPENING && ofLife == life;
  }

  boolean isCommitting(long ofLife) {
    return state == State.COMMITTING && ofLife == life;
  }

  boolean isAborting(long ofLife) {
    return state == State.ABORTING && ofLife == life;
  }

  /** Whether a commit or an abort has no answer yet. */
  boolean isBusy() {
    return state == State.COMMITTING || state == State.ABORTING;
  }

  boolean isCommitting() {
    return state == State.COMMITTING;
  }

  boolean isUsable() {
    return state == State.READY;
  }

  boolean takes(int atMost) {
    return state == State.READY && layout == nextLayout && sent.outstanding() < atMost;
  }

  long life() {
    return life;
  }

  long layout() {
    return layout;
  }

  void partitions(long count) {
    nextLayout = count;
  }

  /** Uses a new number of partitions once nothing is in flight. */
  void relayout() {
    if (sent.outstanding() == 0) {
      layout = nextLayout;
    }
  }

  long send(Held<M> entry, long now) {
    if (sent.outstanding() == 0) {
      quietSince = now;
    }
    sent.register(++sequence, entry);
    return sequence;
  }

  @Nullable Held<M> settle(long ofSequence, long now) {
    quietSince = now;
    return sent.settle(ofSequence);
  }

  /** Whether this is among what was sent and has no answer. */
  @Nullable Held<M> find(long ofSequence) {
    return sent.find(ofSequence);
  }

  int count() {
    return sent.outstanding();
  }

  List<Held<M>> sent() {
    return sent.outstandingPayloads();
  }

  boolean mayCommit() {
    return state == State.READY && sent.outstanding() > 0;
  }

  void commit() {
    state = State.COMMITTING;
  }

  void abort() {
    state = State.ABORTING;
  }

  /** The transaction is over, this way or that; takes out what it had. */
  List<Held<M>> endTransaction() {
    state = State.READY;
    List<Held<M>> had = sent();
    sent = new Settlements<>();
    return had;
  }

  boolean isSilent(long now, Duration atMost) {
    return state == State.READY && sent.outstanding() > 0 && now - quietSince > atMost.toNanos();
  }
}
