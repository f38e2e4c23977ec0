// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.trackunit.fabric.messaging.channel.ChannelEvents;
import com.trackunit.fabric.messaging.channel.ChannelPort;
import com.trackunit.fabric.messaging.channel.StaleChannelException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One generation of a supervised channel: the only place that writes to it, and the gate through
 * which its events go out.
 *
 * <p>Two locks, never held together: {@code writing} orders the commands, {@code gate} the events.
 * A command that fails ends the epoch, but {@code closed} is told by the timer thread, so no event
 * ever comes out of a command.
 */
final class ChannelEpoch implements ChannelPort {
  private static final Logger log = LoggerFactory.getLogger(ChannelEpoch.class);

  private final ChannelSupervisor supervisor;
  private final long number;
  private final Channel channel;
  private final int frameMax;
  private final @Nullable WireConnection wire; // null for a connection that nobody can hold
  private final ChannelEvents events;

  private final ReentrantLock writing = new ReentrantLock();
  private final WriteWatch watch = new WriteWatch();
  private final Object gate = new Object();
  private boolean closedTold; // guarded by gate
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile @Nullable String over;

  ChannelEpoch(ChannelSupervisor supervisor, long number, Channel channel, ChannelEvents events) {
    this.supervisor = supervisor;
    this.number = number;
    this.channel = channel;
    this.frameMax = channel.getConnection().getFrameMax();
    this.wire = channel.getConnection() instanceof WireConnection ours ? ours : null;
    this.events = events;
  }

  Channel channel() {
    return channel;
  }

  WriteWatch watch() {
    return watch;
  }

  boolean isOver() {
    return over != null;
  }

  @Override
  public long epoch() {
    return number;
  }

  @Override
  public long nextSequence() {
    return channel.getNextPublishSeqNo();
  }

  @Override
  public long publish(
      String exchange, String routingKey, AMQP.BasicProperties properties, byte[] body) {
    return publish(exchange, routingKey, properties, body, null);
  }

  @Override
  public long publishLater(
      String exchange, String routingKey, AMQP.BasicProperties properties, byte[] body) {
    return publish(exchange, routingKey, properties, body, wire);
  }

  private long publish(
      String exchange,
      String routingKey,
      AMQP.BasicProperties properties,
      byte[] body,
      @Nullable WireConnection held) {
    WireLimits.check(exchange, routingKey, properties, frameMax);
    writing.lock();
    try {
      requireLive("publish");
      long sequence = channel.getNextPublishSeqNo();
      watch.begin();
      if (held != null) {
        held.hold();
      }
      try {
        boolean isDirectReply = exchange.isEmpty() && Requester.isDirectReply(routingKey);
        channel.basicPublish(exchange, routingKey, !isDirectReply, properties, body);
      } catch (AlreadyClosedException e) {
        throw stale("publish", Causes.describe(e)); // thrown before anything is written
      } catch (IOException e) {
        broken("publish " + sequence, e);
      } catch (RuntimeException e) {
        // The number is taken and nothing was sent: from here on every confirm would be wrong.
        log.error("{}: publish {} could not be encoded", supervisor, sequence, e);
        end("publish " + sequence + " could not be encoded: " + e);
      } finally {
        if (held != null) {
          held.release();
        }
        watch.end();
      }
      return sequence;
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void flush() {
    if (wire == null) {
      return;
    }
    writing.lock();
    try {
      if (isOver()) {
        return;
      }
      watch.begin();
      try {
        wire.flush();
      } catch (IOException e) {
        broken("flush", e);
      } finally {
        watch.end();
      }
    } finally {
      writing.unlock();
    }
  }

  @Override
  public void ack(long deliveryTag, boolean multiple) {
    settle("ack", deliveryTag, () -> channel.basicAck(deliveryTag, multiple));
  }

  @Override
  public void reject(long deliveryTag, boolean requeue) {
    settle("reject", deliveryTag, () -> channel.basicReject(deliveryTag, requeue));
  }

  @Override
  public void release(long deliveryTag) {
    settle("release", deliveryTag, () -> channel.basicNack(deliveryTag, false, true));
  }

  @FunctionalInterface
  private interface Write {
    void run() throws IOException;
  }

  private void settle(String what, long deliveryTag, Write write) {
    writing.lock();
    try {
      requireLive(what + " of delivery " + deliveryTag);
      watch.begin();
      try {
        write.run();
      } catch (AlreadyClosedException e) {
        throw stale(what + " of delivery " + deliveryTag, Causes.describe(e));
      } catch (IOException e) {
        broken(what + " of delivery " + deliveryTag, e);
      } finally {
        watch.end();
      }
    } finally {
      writing.unlock();
    }
  }

  private void requireLive(String operation) {
    String reason = over;
    if (reason != null) {
      throw stale(operation, reason);
    }
  }

  private StaleChannelException stale(String operation, String reason) {
    return new StaleChannelException(operation, number, reason);
  }

  /** A frame may be half written: the connection is of no use any more. */
  private void broken(String operation, IOException e) {
    end(operation + " failed: " + Causes.describe(e));
    supervisor.connectionBroken(operation + " failed: " + Causes.describe(e));
  }

  @Override
  public void roundTrip() {
    requireLive("round trip");
    try {
      // Every virtual host has it, and nobody can delete it. No lock: the client has its own, and
      // acks must not wait for the answer.
      channel.exchangeDeclarePassive("amq.direct");
    } catch (IOException | AlreadyClosedException e) {
      end("round trip failed: " + Causes.describe(e));
    }
    requireLive("round trip");
  }

  @Override
  public void abandon(String reason) {
    end(reason);
  }

  /** Ends the epoch: no command passes any more, and {@code closed} is told soon. */
  void end(String reason) {
    if (ended.compareAndSet(false, true)) {
      over = reason;
      supervisor.ended(this, reason);
    }
  }

  /** An event for the engine. */
  @FunctionalInterface
  interface Event {
    void tell(ChannelEvents events, long epoch);
  }

  /** Tells an event, unless {@code closed} was told; an engine that throws loses the epoch. */
  void tell(Event event) {
    synchronized (gate) {
      if (closedTold) {
        return;
      }
      try {
        event.tell(events, number);
      } catch (RuntimeException | Error e) {
        log.error("{}: the events' receiver threw; the channel starts anew", supervisor, e);
        end("the events' receiver threw " + e);
      }
    }
  }

  /** Tells the last event. */
  void tellClosed(String reason) {
    synchronized (gate) {
      tell((receiver, epoch) -> receiver.closed(epoch, reason));
      closedTold = true;
    }
  }
}
