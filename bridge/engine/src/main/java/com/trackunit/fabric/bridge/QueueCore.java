// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.Backoff;
import com.trackunit.fabric.core.flow.AckRun;
import com.trackunit.fabric.core.flow.Window;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The heart of a route from one queue to a topic: events in (the methods without a result),
 * commands out ({@link #next}). It has no thread, no clock and no client; the same events in the
 * same order give the same commands.
 *
 * <p>What it guarantees, whatever the events: a delivery is acknowledged only after Kafka has it
 * (or the error policy has let it go), on the channel that brought it; messages are sent in the
 * order of the queue, and sent again from memory, from the lowest one that Kafka has not confirmed;
 * answers to an old producer or an old channel settle nothing. With a ledger, each message is
 * committed to Kafka once, together with its place in the ledger, which decides what a redelivery
 * or a commit without an answer meant.
 *
 * <p>Not thread-safe.
 *
 * @param <M> what is sent
 */
final class QueueCore<M> {
  /** Without any answer for so long, a producer is replaced; its own time-out lies beyond. */
  static final Duration SEND_DEADLINE = Duration.ofSeconds(60);

  /** How often acks are written while fewer than enough wait for each other. */
  static final Duration ACK_EVERY = Duration.ofMillis(5);

  private static final int MOST_ACKS_TOGETHER = 256;

  /** What an answer of the producer says about a message that it did not take. */
  enum Refusal {
    /** It is this message's fault, for certain. */
    POISON,
    /** It may be the fault of another one that travelled with it. */
    SUSPECTED,
    /** It is nobody's fault: the producer is of no use any more. */
    BROKEN
  }

  private final String target;
  private final Window window;
  private final Backoff backoff;
  private final QueueRules rules;

  private boolean open;
  private long epoch;
  private String closedBecause = "not opened yet";
  private AckRun<Held<M>> acks;
  private final Deque<AckRun.Ack> dueAcks = new ArrayDeque<>();
  private boolean hasAcked; // in this epoch, and when the last time
  private long ackedAt;
  private final Deque<Held<M>> waiting = new ArrayDeque<>();
  private boolean paused;
  private final Deque<QueueCommand<M>> urgent = new ArrayDeque<>();

  private final ProducerLife<M> producer = new ProducerLife<>();
  private final LedgerView ledger = new LedgerView();
  private final SlowStart allowance = new SlowStart();
  private int failures;
  private long notBefore;
  private boolean frozen;

  private long now;
  private final Totals totals = new Totals();
  private long highestSettled;
  private @Nullable RouteException problem;
  private @Nullable RouteException lastError;

  QueueCore(String target, Window window, Backoff backoff, QueueRules rules) {
    this.target = target;
    this.window = window;
    this.backoff = backoff;
    this.rules = rules;
    this.acks = newAcks();
  }

  private AckRun<Held<M>> newAcks() {
    dueAcks.clear();
    hasAcked = false;
    return new AckRun<>(Math.max(1, Math.min(MOST_ACKS_TOGETHER, window.maxCount() / 4)));
  }

  // ---- events: the queue --------------------------------------------------------------------

  void opened(long newEpoch) {
    if (open) {
      closed(epoch, "a new epoch began");
    }
    open = true;
    epoch = newEpoch;
    acks = newAcks();
    highestSettled = 0;
    ledger.forget();
  }

  void delivered(long ofEpoch, long tag, boolean redelivered, Inbound<M> inbound) {
    if (!isCurrent(ofEpoch)) {
      return;
    }
    totals.add(RouteCounter.TAKEN);
    Held<M> entry = new Held<>(epoch, tag, redelivered, inbound, now);
    acks.delivered(tag, entry);
    waiting.add(entry);
  }

  /** The epoch is over: what it brought will be delivered again. */
  void closed(long ofEpoch, String reason) {
    if (!isCurrent(ofEpoch)) {
      return;
    }
    open = false;
    closedBecause = reason;
    waiting.clear();
    acks = newAcks();
    frozen = false;
    problem = null;
    if (rules.isTransactional()) {
      // Whoever is delivered to next begins with a producer of its own, which ends this one's.
      totals.add(RouteCounter.UNKNOWN, producer.count());
      dropProducer();
      notBefore = now;
    }
  }

  // ---- events: the producer -----------------------------------------------------------------

  /** A producer is there; what it says of the ledger decides what was unknown. */
  void producerReady(long life, long partitions, LedgerSnapshot read) {
    if (!producer.isOpening(life)) {
      return;
    }
    producer.ready(partitions);
    if (acks.outstanding() == 0) {
      problem = null;
    }
    if (rules.isTransactional()) {
      ledger.read(read);
      for (Held<M> entry : acks.unsettled()) {
        if (entry.suspect && entry.number < read.next()) {
          totals.add(RouteCounter.CONFIRMED);
          waiting.remove(entry);
          settle(entry);
        }
        entry.suspect = false;
      }
    }
  }

  /** There is no producer, or no longer; what it had not confirmed is unknown. */
  void producerLost(long life, String reason) {
    if (producer.isCurrent(life)) {
      retire(new RouteException(RouteException.Kind.KAFKA, target + ": " + reason, null));
    }
  }

  /** Another instance has taken the queue over: nothing of the window is ours any more. */
  void fenced(long life, String reason) {
    if (!producer.isCurrent(life)) {
      return;
    }
    totals.add(RouteCounter.UNKNOWN, producer.count());
    dropProducer();
    waiting.clear();
    acks = newAcks();
    if (open) {
      open = false;
      closedBecause = "fenced: " + reason;
      urgent.add(new QueueCommand.AbandonChannel<>(epoch, closedBecause));
    }
  }

  void confirmed(long life, long sequence) {
    if (!producer.isCurrent(life) || rules.isTransactional()) {
      return;
    }
    Held<M> entry = producer.settle(sequence, now);
    if (entry != null) {
      succeeded(entry);
    }
  }

  void failed(long life, long sequence, Refusal refusal, String reason) {
    if (!producer.isCurrent(life)) {
      return;
    }
    Held<M> entry = producer.find(sequence);
    // What fails because the transaction ends anyway says nothing; the commit or abort answers.
    if (entry == null || (producer.isBusy() && refusal != Refusal.POISON)) {
      return;
    }
    boolean isAlone = producer.count() == 1;
    if (refusal == Refusal.BROKEN || entry.deadBecause != null) {
      retire(failure(RouteException.Kind.KAFKA, entry, reason));
    } else if (refusal == Refusal.SUSPECTED && !isAlone) {
      allowance.collapse();
      abortOrRetire(failure(RouteException.Kind.REJECTED, entry, reason));
    } else {
      refused(entry, sequence, reason);
    }
  }

  private void refused(Held<M> entry, long sequence, String reason) {
    RouteException why = failure(RouteException.Kind.NOT_ACCEPTED, entry, reason);
    totals.add(RouteCounter.REJECTED);
    if (rules.isTransactional()) {
      condemn(entry, why);
      if (producer.isUsable()) {
        producer.abort();
        urgent.add(new QueueCommand.Abort<>(producer.life()));
      }
    } else {
      producer.settle(sequence, now);
      window.leave(entry.inbound.size());
      if (!isHeld(entry)) {
        return; // delivered again on another channel, and dealt with there
      }
      condemn(entry, why);
      if (entry.deadBecause != null) {
        waiting.addFirst(entry);
      }
    }
  }

  void committed(long life) {
    if (!producer.isCommitting(life)) {
      return;
    }
    List<Held<M>> done = producer.endTransaction();
    ledger.committed(done.size());
    done.forEach(this::succeeded);
  }

  /** The transaction is undone; what it had is sent again, without what was refused. */
  void aborted(long life, String reason) {
    if (!producer.isCurrent(life) || !producer.isBusy()) {
      return;
    }
    boolean wasAskedFor = producer.isAborting(life);
    producer.endTransaction();
    if (!wasAskedFor && !frozen) {
      freeze(new RouteException(RouteException.Kind.KAFKA, target + ": " + reason, null));
    }
    sendAgain();
  }

  /** The topic has so many partitions now; the new count is used when nothing is in flight. */
  void partitions(long count) {
    producer.partitions(count);
  }

  // ---- events: time and people --------------------------------------------------------------

  void tick(long nanos) {
    now = nanos;
    producer.relayout();
    if (frozen && producer.count() == 0 && now - notBefore >= 0) {
      frozen = false;
      allowance.collapse();
      sendAgain();
    }
    if (producer.isSilent(now, SEND_DEADLINE)) {
      retire(
          new RouteException(
              RouteException.Kind.KAFKA,
              target
                  + ": no answer for "
                  + SEND_DEADLINE.toSeconds()
                  + " s; a new producer is tried",
              null));
    }
  }

  /** Sends nothing more until told otherwise; what is sent is still settled and acknowledged. */
  void pause(boolean on) {
    paused = on;
  }

  /** Whether everything sent is settled, and acknowledged as far as {@link #next} was obeyed. */
  boolean isDrained() {
    return producer.count() == 0
        && !producer.isBusy()
        && !(open && (acks.hasAcks() || !dueAcks.isEmpty()));
  }

  // ---- commands -----------------------------------------------------------------------------

  /** The next thing to do; null if there is nothing to do until another event comes. */
  @Nullable QueueCommand<M> next() {
    QueueCommand<M> command = urgent.poll();
    if (command == null) {
      command = nextProducer();
    }
    if (command == null) {
      command = nextSend();
    }
    if (command == null) {
      command = nextCommit();
    }
    return command == null ? nextAck() : command;
  }

  private @Nullable QueueCommand<M> nextProducer() {
    if (!open || !producer.isNone() || now - notBefore < 0) {
      return null;
    }
    // A standby must not fence off the instance that the queue delivers to.
    if (rules.isTransactional() && acks.outstanding() == 0) {
      return null;
    }
    return new QueueCommand.OpenProducer<>(producer.open(), epoch);
  }

  private @Nullable QueueCommand<M> nextSend() {
    while (open && !paused && !frozen && producer.takes(rules.transactionCount())) {
      Held<M> entry = waiting.peek();
      if (entry == null || !allowance.allows(producer.count())) {
        return null;
      }
      if (isDoneWithoutSending(entry)) {
        continue;
      }
      if (!window.tryEnter(entry.inbound.size())) {
        return null;
      }
      waiting.remove();
      if (rules.isTransactional()) {
        entry.number = ledger.next() + producer.count();
      }
      long sequence = producer.send(entry, now);
      return new QueueCommand.Send<>(producer.life(), sequence, producer.layout(), entry);
    }
    return null;
  }

  private boolean isDoneWithoutSending(Held<M> entry) {
    if (entry.deadBecause != null) {
      return false;
    }
    if (entry.inbound.unwanted()) {
      return done(entry, RouteCounter.FILTERED);
    }
    Fingerprint fingerprint = entry.inbound.fingerprint();
    if (entry.toLookUp && fingerprint != null && isInLedger(entry, fingerprint)) {
      return done(entry, RouteCounter.DEDUPLICATED);
    }
    if (entry.inbound.refusedBecause() != null) {
      return condemnedWaiting(entry, entry.inbound.refusedBecause());
    }
    return rules.isTransactional()
        && rules.refusesMissingIds()
        && entry.inbound.messageId() == null
        && condemnedWaiting(entry, "it has no message id, so it cannot be effectively once");
  }

  private boolean isInLedger(Held<M> entry, Fingerprint fingerprint) {
    entry.toLookUp = false;
    if (ledger.takes(fingerprint)) {
      return true;
    }
    if (ledger.hasWrapped()) {
      totals.add(RouteCounter.BEYOND_LEDGER);
    }
    return false;
  }

  private boolean done(Held<M> entry, RouteCounter counter) {
    totals.add(counter);
    waiting.remove(entry);
    settle(entry);
    return true;
  }

  /** True, because it is not to be sent as it is; as a dead letter it may still be the next. */
  private boolean condemnedWaiting(Held<M> entry, String reason) {
    totals.add(RouteCounter.REJECTED);
    condemn(entry, failure(RouteException.Kind.NOT_ENCODABLE, entry, reason));
    if (!isHeld(entry)) {
      waiting.remove(entry);
    }
    return true;
  }

  private @Nullable QueueCommand<M> nextCommit() {
    if (!rules.isTransactional() || !producer.mayCommit()) {
      return null;
    }
    producer.commit();
    return new QueueCommand.Commit<>(producer.life());
  }

  private @Nullable QueueCommand<M> nextAck() {
    if (dueAcks.isEmpty() && untilAck() == 0) {
      dueAcks.addAll(acks.take(now, false));
      hasAcked = true;
      ackedAt = now;
    }
    AckRun.Ack ack = dueAcks.poll();
    return ack == null ? null : new QueueCommand.Ack<>(epoch, ack.tag(), ack.multiple());
  }

  /** How long until acks are to be written: at once if many wait, or none were lately. */
  private long untilAck() {
    if (!open) {
      return Long.MAX_VALUE;
    }
    if (acks.isDue(now)) {
      return 0;
    }
    OptionalLong takeable = acks.untilTakeable(now);
    if (takeable.isEmpty()) {
      return Long.MAX_VALUE;
    }
    long pause = hasAcked ? ackedAt + ACK_EVERY.toNanos() - now : 0;
    return Math.max(takeable.getAsLong(), pause);
  }

  // ---- what it knows ------------------------------------------------------------------------

  /** What is wrong now, or null if all is well. */
  @Nullable String trouble() {
    if (!open) {
      return "no RabbitMQ channel: " + closedBecause;
    }
    return problem == null ? null : problem.getMessage();
  }

  /** How long until {@link #tick} has something to do, at most a given time. */
  Duration untilDue(Duration atMost) {
    Duration due = atMost;
    long ack = untilAck();
    if (ack < due.toNanos()) {
      due = Duration.ofNanos(ack);
    }
    if (frozen || producer.isNone()) {
      Duration retry = Duration.ofNanos(Math.max(0, notBefore - now));
      // Nothing to wait for where no delivery asks for a producer, or it has been long enough.
      if (!retry.isZero() && retry.compareTo(due) < 0) {
        due = retry;
      }
    }
    return due;
  }

  RouteCounts counts() {
    return totals.toCounts(producer.count(), waiting.size());
  }

  /** Since when the oldest message that is not settled is here; empty if there is none. */
  OptionalLong oldestSince() {
    Held<M> first = acks.oldest();
    return first == null ? OptionalLong.empty() : OptionalLong.of(first.since);
  }

  @Nullable RouteException lastError() {
    return lastError;
  }

  // ---- inside -------------------------------------------------------------------------------

  private boolean isCurrent(long ofEpoch) {
    return open && ofEpoch == epoch;
  }

  private boolean isHeld(Held<M> entry) {
    return open && entry.epoch == epoch && !entry.isSettled;
  }

  private void succeeded(Held<M> entry) {
    window.leave(entry.inbound.size());
    totals.add(entry.deadBecause == null ? RouteCounter.CONFIRMED : letGo());
    allowance.grow();
    failures = 0;
    if (!frozen) {
      problem = null;
    }
    if (entry.wasRefused && entry.epoch == epoch && entry.tag < highestSettled) {
      totals.add(RouteCounter.OVERTAKEN);
    }
    settle(entry);
  }

  private RouteCounter letGo() {
    return rules.errorPolicy().action() == ErrorPolicy.Action.SKIP
        ? RouteCounter.SKIPPED
        : RouteCounter.DEAD_LETTERED;
  }

  private void settle(Held<M> entry) {
    entry.isSettled = true;
    if (open && entry.epoch == epoch) {
      highestSettled = Math.max(highestSettled, entry.tag);
      acks.acked(entry.tag, now);
    }
  }

  /** The error policy decides about a message that Kafka will not take as it is. */
  private void condemn(Held<M> entry, RouteException why) {
    lastError = why;
    switch (rules.errorPolicy().action()) {
      case SKIP -> {
        if (rules.isTransactional() && entry.inbound.fingerprint() != null) {
          // The ledger has to know of it: delivered again, it would else pass for its like.
          entry.deadBecause = why;
        } else {
          totals.add(RouteCounter.SKIPPED);
          settle(entry);
        }
      }
      case DEAD_LETTER -> entry.deadBecause = why;
      case STOP -> {
        entry.wasRefused = true;
        freeze(why);
      }
    }
  }

  /** Nothing is sent until what is in flight is settled and a pause is over. */
  private void freeze(RouteException why) {
    frozen = true;
    problem = why;
    lastError = why;
    notBefore = now + backoff.delay(++failures).toNanos();
  }

  private void abortOrRetire(RouteException why) {
    if (rules.isTransactional() && producer.isUsable()) {
      lastError = why;
      producer.abort();
      urgent.add(new QueueCommand.Abort<>(producer.life()));
    } else {
      retire(why);
    }
  }

  /** The producer is given up; what it had is sent again, in order, by another one. */
  private void retire(RouteException why) {
    problem = why;
    lastError = why;
    List<Held<M>> sent = producer.sent();
    totals.add(RouteCounter.UNKNOWN, sent.size());
    if (producer.isCommitting()) {
      sent.forEach(entry -> entry.suspect = true);
    }
    dropProducer();
    allowance.collapse();
    notBefore = now + backoff.delay(++failures).toNanos();
    sendAgain();
  }

  private void dropProducer() {
    if (!producer.isNone()) {
      urgent.add(new QueueCommand.CloseProducer<>(producer.life()));
    }
    producer.drop();
    window.clear();
  }

  /** Everything not settled waits again, in the order of the queue. */
  private void sendAgain() {
    waiting.clear();
    waiting.addAll(acks.unsettled());
    window.clear();
  }

  private RouteException failure(RouteException.Kind kind, Held<M> entry, String reason) {
    return RouteException.ofMessage(kind, entry + " to " + target, reason);
  }
}
