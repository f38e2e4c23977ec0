// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.messaging.channel.ChannelPort;
import com.trackunit.fabric.messaging.channel.StaleChannelException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Kafka side of a route from a queue: producers, one after the other. Sends go out from the
 * route's thread; what may block (opening, committing, aborting) runs on a thread of its own, never
 * while there is something to send. Every answer is posted to the route's mailbox.
 */
final class KafkaSink {
  private static final int COMMIT_ATTEMPTS = 3;
  private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(1);
  private static final Logger log = LoggerFactory.getLogger(KafkaSink.class);

  private final Route route;
  private final SinkClients clients;
  private final Mailbox mailbox;
  private final QueueCore<KafkaMessage> core;
  private final ExecutorService calls;
  private final int keyless;

  // The route's thread alone.
  private @Nullable KafkaProducer<byte[], byte[]> producer;
  private boolean inTransaction;

  /** The life that is wanted; a producer that is ready for another one is closed again. */
  private volatile long wanted = -1;

  /**
   * The life in which a message failed that goes on before the core knows: what is sent to it now
   * could overtake that message. The core has all of them sent again. A late answer to an old life
   * neither sets nor clears it for the present one.
   */
  private final AtomicLong failedLife = new AtomicLong(-1);

  private volatile boolean closed;

  KafkaSink(RouteThread life, SinkClients clients, QueueCore<KafkaMessage> core) {
    this.route = life.route();
    this.clients = clients;
    this.mailbox = life.mailbox();
    this.core = core;
    this.calls =
        Executors.newSingleThreadExecutor(FabricThreads.named("bridge", route.name() + "-kafka"));
    this.keyless = Utils.murmur2(route.source().getBytes(StandardCharsets.UTF_8));
  }

  // ---- the core's commands, on the route's thread -----------------------------------------------

  void open(long life, ChannelPort channel) {
    wanted = life;
    calls.execute(() -> openNow(life, channel));
  }

  void send(QueueCommand.Send<KafkaMessage> send) {
    KafkaProducer<byte[], byte[]> to = producer;
    long life = send.life();
    if (to == null) {
      core.producerLost(life, "the producer is gone");
      return;
    }
    try {
      if (failedLife.get() == life) {
        return;
      }
      if (route.isEffectivelyOnce() && !inTransaction) {
        to.beginTransaction();
        inTransaction = true;
      }
      ProducerRecord<byte[], byte[]> record = record(send);
      if (record != null) {
        send(to, record, life, send.sequence());
      }
      if (route.isEffectivelyOnce()) {
        Fingerprint fingerprint = send.entry().inbound.fingerprint();
        // Without its entry the transaction is not committed, and the commit says so.
        Future<RecordMetadata> unusedAsAnsweredByCommit =
            to.send(
                clients
                    .ledger()
                    .entry(
                        send.entry().number, fingerprint == null ? Fingerprint.NONE : fingerprint));
      }
    } catch (KafkaException | IllegalStateException e) {
      // Not from within the core's own command: it is told when it comes round.
      postFailure(life, send.sequence(), e);
    }
  }

  private void send(
      KafkaProducer<byte[], byte[]> to,
      ProducerRecord<byte[], byte[]> record,
      long life,
      long sequence) {
    Future<RecordMetadata> unusedAsAnsweredBelow =
        to.send(
            record,
            (metadata, failure) -> {
              if (failure != null) {
                postFailure(life, sequence, failure);
              } else if (!route.isEffectivelyOnce()) {
                mailbox.post(() -> core.confirmed(life, sequence));
              }
            });
  }

  void commit(long life) {
    KafkaProducer<byte[], byte[]> of = producer;
    inTransaction = false;
    calls.execute(() -> commitNow(life, of));
  }

  void abort(long life) {
    KafkaProducer<byte[], byte[]> of = producer;
    inTransaction = false;
    calls.execute(() -> abortNow(life, of, "asked for"));
  }

  /** Throws the producer away, with whatever it holds. */
  void closeProducer(long life) {
    if (wanted == life) {
      wanted = -1;
    }
    KafkaProducer<byte[], byte[]> old = producer;
    producer = null;
    inTransaction = false;
    if (old != null) {
      old.close(Duration.ZERO);
    }
  }

  /** The end of the route. */
  void close() {
    closed = true;
    closeProducer(wanted);
    calls.shutdownNow();
    try {
      if (!calls.awaitTermination(CLOSE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        log.debug("{}: a call to Kafka has not ended yet", route);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- on the thread for calls ------------------------------------------------------------------

  private void openNow(long life, ChannelPort channel) {
    KafkaProducer<byte[], byte[]> fresh = null;
    try {
      if (wanted != life || closed) {
        return;
      }
      if (route.isEffectivelyOnce()) {
        clients.ledger().create();
      }
      fresh =
          new KafkaProducer<>(
              clients.producerConfig(), new ByteArraySerializer(), new ByteArraySerializer());
      int partitions = fresh.partitionsFor(route.target()).size();
      LedgerSnapshot ledger = LedgerSnapshot.NONE;
      if (route.isEffectivelyOnce()) {
        fresh.initTransactions();
        ledger = clients.readLedger();
        // Whoever else has this queue now got it after the others were fenced off, and will fence
        // us off in turn: what this channel brought is ours until then.
        channel.roundTrip();
      }
      KafkaProducer<byte[], byte[]> ready = fresh;
      LedgerSnapshot read = ledger;
      mailbox.post(() -> opened(life, ready, partitions, read));
      fresh = null;
    } catch (InterruptedException | InterruptException e) {
      log.debug("{}: opening a producer was interrupted", route);
    } catch (KafkaException | StaleChannelException | IllegalStateException e) {
      lost(life, "no producer (" + e + ")");
    } finally {
      if (fresh != null) {
        fresh.close(Duration.ZERO);
      }
    }
  }

  private void opened(
      long life, KafkaProducer<byte[], byte[]> ready, int partitions, LedgerSnapshot ledger) {
    if (wanted != life || closed) {
      ready.close(Duration.ZERO);
      return;
    }
    producer = ready;
    core.producerReady(life, partitions, ledger);
  }

  private void commitNow(long life, @Nullable KafkaProducer<byte[], byte[]> of) {
    if (of == null) {
      lost(life, "the producer is gone");
      return;
    }
    for (int attempt = 1; ; attempt++) {
      try {
        of.commitTransaction();
        mailbox.post(() -> core.committed(life));
        return;
      } catch (TimeoutException e) {
        if (attempt == COMMIT_ATTEMPTS) {
          lost(life, "the commit got no answer (" + e + "); the ledger will tell");
          return;
        }
      } catch (InterruptException | IllegalStateException e) {
        lost(life, "the commit was interrupted (" + e + "); the ledger will tell");
        return;
      } catch (KafkaException e) {
        if (isFenced(e)) {
          mailbox.post(() -> core.fenced(life, e.toString()));
        } else {
          abortNow(life, of, e.toString());
        }
        return;
      }
    }
  }

  private void abortNow(long life, @Nullable KafkaProducer<byte[], byte[]> of, String reason) {
    if (of == null) {
      lost(life, "the producer is gone");
      return;
    }
    try {
      of.abortTransaction();
      mailbox.post(() -> core.aborted(life, reason));
    } catch (KafkaException | IllegalStateException e) {
      if (isFenced(e)) {
        mailbox.post(() -> core.fenced(life, e.toString()));
      } else {
        lost(life, "the transaction could not be aborted (" + e + ") after: " + reason);
      }
    }
  }

  private void lost(long life, String reason) {
    mailbox.post(() -> core.producerLost(life, reason));
  }

  // ---- details ----------------------------------------------------------------------------------

  private void postFailure(long life, long sequence, Exception failure) {
    if (refusal(failure) != QueueCore.Refusal.POISON) {
      failedLife.accumulateAndGet(life, Math::max);
    }
    mailbox.post(() -> failed(life, sequence, failure));
  }

  private void failed(long life, long sequence, Exception failure) {
    if (isFenced(failure)) {
      core.fenced(life, failure.toString());
    } else {
      core.failed(life, sequence, refusal(failure), failure.toString());
    }
    // Either that life is over now, or the message was alone in it.
    failedLife.compareAndSet(life, -1);
  }

  private static boolean isFenced(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ProducerFencedException
          || cause instanceof InvalidProducerEpochException
          || cause instanceof FencedInstanceIdException) {
        return true;
      }
    }
    return false;
  }

  private static QueueCore.Refusal refusal(Exception failure) {
    // A batch that is too large is split until the one message that is too large stands alone.
    if (failure instanceof RecordTooLargeException) {
      return QueueCore.Refusal.POISON;
    }
    return failure instanceof InvalidRecordException || failure instanceof InvalidTimestampException
        ? QueueCore.Refusal.SUSPECTED
        : QueueCore.Refusal.BROKEN;
  }

  /** What Kafka gets; null for what is skipped. */
  private @Nullable ProducerRecord<byte[], byte[]> record(QueueCommand.Send<KafkaMessage> send) {
    KafkaMessage message = send.entry().inbound.message();
    RouteException deadBecause = send.entry().deadBecause;
    String deadLetters = route.errorPolicy().target();
    if (deadBecause != null && deadLetters == null) {
      return null;
    }
    if (deadBecause != null) {
      return new ProducerRecord<>(
          deadLetters,
          null,
          message.key(),
          message.value(),
          DeadLetters.toTopic(route.source(), message, deadBecause));
    }
    byte[] key = message.key();
    // Kafka's own choice for a key; a message without one stays in the order of its queue.
    int hash = key == null ? keyless : Utils.murmur2(key);
    int partition = (int) (Utils.toPositive(hash) % send.layout());
    return new ProducerRecord<>(route.target(), partition, key, message.value(), message.headers());
  }
}
