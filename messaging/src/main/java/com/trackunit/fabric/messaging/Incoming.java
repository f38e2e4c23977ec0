// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.flow.AckRun;
import com.trackunit.fabric.core.flow.Lanes;
import com.trackunit.fabric.messaging.Held.Stage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer holds in one channel epoch after the other: arrived, in its lane, with the
 * handler, waiting for its next attempt, settled. A plain state machine: no clock, no thread, no
 * client. Not thread-safe.
 */
final class Incoming {
  /** The one lane of those that have no key, or of a consumer with a single lane. */
  static final Object ONE_LANE = "one lane";

  /** How deliveries are spread over lanes. */
  enum Order {
    /** Each has a lane to itself. */
    NONE,
    /** All share one lane. */
    ONE_LANE,
    /** The application names the lane: see {@link Incoming#nextToSort}. */
    BY_KEY
  }

  private final Order order;
  private final int ackBatch;
  private final Deque<Held> unsorted = new ArrayDeque<>();
  private final Lanes<Held> lanes = new Lanes<>();
  private AckRun<Held> acks;
  private long epoch = -1;
  private boolean sorting;
  private boolean withdrawn;
  private int handed;
  private int waiting;

  /**
   * Nothing held.
   *
   * @param order how deliveries are spread over lanes
   * @param ackBatch how many acks may wait for each other
   */
  Incoming(Order order, int ackBatch) {
    this.order = order;
    this.ackBatch = ackBatch;
    this.acks = new AckRun<>(ackBatch);
  }

  boolean isOrdered() {
    return order != Order.NONE;
  }

  void opened(long newEpoch) {
    epoch = newEpoch;
    acks = new AckRun<>(ackBatch);
  }

  /**
   * The channel is gone, and everything held comes again.
   *
   * @return how many were with the handler
   */
  int closed() {
    epoch = -1;
    unsorted.clear();
    lanes.clear();
    acks = new AckRun<>(ackBatch);
    sorting = false;
    int lost = handed;
    handed = 0;
    waiting = 0;
    return lost;
  }

  void arrived(Held held) {
    acks.delivered(held.tag(), held);
    switch (order) {
      case NONE -> lanes.add(null, held);
      case ONE_LANE -> sorted(held, ONE_LANE);
      case BY_KEY -> unsorted.addLast(held);
    }
  }

  /** The next one whose lane is to be named; null if there is none, or if one is being named. */
  @Nullable Held nextToSort() {
    Held next = sorting ? null : unsorted.pollFirst();
    sorting |= next != null;
    return next;
  }

  /** Names the lane of {@link #nextToSort}. */
  void sorted(Held held, Object lane) {
    if (held.epoch() == epoch && held.stage == Stage.QUEUED) {
      sorting = false;
      held.lane = lane;
      lanes.add(lane, held);
    }
  }

  /** The next one for the handler, as a new attempt; null if none is ready. */
  @Nullable Held next(Delivery.Settler settler, long nowNanos) {
    Held next = lanes.poll();
    if (next != null) {
      next.stage = Stage.HANDED;
      next.handedAt = nowNanos;
      next.current = new Delivery(settler, next, Attempts.of(next));
      handed++;
    }
    return next;
  }

  boolean hasWork() {
    return lanes.hasReady() || (!sorting && !unsorted.isEmpty());
  }

  /** Whether this attempt may still say what becomes of the message. */
  boolean isOpen(Delivery delivery) {
    Held held = delivery.held();
    return held.epoch() == epoch && held.current == delivery && held.stage == Stage.HANDED;
  }

  /** Takes it from the handler; false if the handler is too late. */
  boolean claim(Delivery delivery) {
    boolean open = isOpen(delivery);
    if (open) {
      delivery.held().stage = Stage.SETTLING;
    }
    return open;
  }

  /** A claimed one is done. */
  void acked(Held held, long nowNanos) {
    if (over(held)) {
      acks.acked(held.tag(), nowNanos);
    }
  }

  /** A claimed one was rejected, or moved and acked singly: the broker has been told. */
  void gone(Held held, long nowNanos) {
    if (over(held)) {
      acks.gone(held.tag(), nowNanos);
    }
  }

  private boolean over(Held held) {
    if (held.epoch() != epoch || held.stage != Stage.SETTLING) {
      return false;
    }
    held.stage = Stage.SETTLED;
    held.current = null;
    handed--;
    if (!withdrawn) {
      lanes.free(held.lane);
    }
    return true;
  }

  /** A claimed one waits, its lane held, for {@link #again} or {@link #resumed}. */
  void waits(Held held) {
    if (held.epoch() == epoch && held.stage == Stage.SETTLING) {
      held.stage = Stage.WAITING;
      handed--;
      waiting++;
    }
  }

  /** A waiting one is handed out once more; false if it is over. */
  boolean again(Held held) {
    if (held.epoch() != epoch || held.stage != Stage.WAITING) {
      return false;
    }
    waiting--;
    held.stage = Stage.QUEUED;
    lanes.again(held.lane, held);
    return true;
  }

  /** A waiting one is claimed again, to be given back; false if it is over. */
  boolean resumed(Held held) {
    if (held.epoch() != epoch || held.stage != Stage.WAITING) {
      return false;
    }
    waiting--;
    handed++;
    held.stage = Stage.SETTLING;
    return true;
  }

  /**
   * Takes out everything that no handler has; it is over for us, and nothing is handed out any
   * more.
   *
   * @return in the order of arrival
   */
  List<Held> withdraw() {
    withdrawn = true;
    unsorted.clear();
    lanes.clear();
    List<Held> idle = new ArrayList<>();
    for (Held held : acks.unsettled()) {
      if (held.stage == Stage.QUEUED || held.stage == Stage.WAITING) {
        held.stage = Stage.SETTLED;
        idle.add(held);
      }
    }
    waiting = 0;
    return idle;
  }

  /** Those whose handler has had them since before a moment. */
  List<Held> handedBefore(long nanos) {
    return acks.unsettled().stream()
        .filter(held -> held.stage == Stage.HANDED && held.handedAt - nanos < 0)
        .toList();
  }

  AckRun<Held> acks() {
    return acks;
  }

  long epoch() {
    return epoch;
  }

  /** How many are with the handler, or being settled. */
  int handed() {
    return handed;
  }

  /** How many no handler has. */
  int idle() {
    return unsorted.size() + lanes.size() + waiting;
  }
}
