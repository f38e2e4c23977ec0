// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Command;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Consumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.MetricsCollector;
import com.rabbitmq.client.NoOpMetricsCollector;
import com.rabbitmq.client.WriteListener;
import com.rabbitmq.client.impl.AMQConnection;
import com.rabbitmq.client.impl.AMQImpl;
import com.rabbitmq.client.impl.ChannelManager;
import com.rabbitmq.client.impl.ChannelN;
import com.rabbitmq.client.impl.ConnectionParams;
import com.rabbitmq.client.impl.ConsumerWorkService;
import com.rabbitmq.client.impl.Frame;
import com.rabbitmq.client.impl.FrameHandler;
import com.rabbitmq.client.observation.ObservationCollector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * amqp-client's connection without two things that cost it more than all we do. A thread can
 * suspend the flush after each of its commands: what it writes stays in amqp-client's buffer of 8
 * KiB until that is full or anybody flushes. And a channel can hand deliveries over on the reader
 * thread, without the work pool between, whose place for 256 tasks is made anew for each.
 */
final class WireConnection extends AMQConnection {
  private final Frames frames;

  private WireConnection(ConnectionParams params, Frames frames, MetricsCollector metrics) {
    super(params, frames, metrics, ObservationCollector.NO_OP);
    this.frames = frames;
  }

  /** Makes such connections. */
  static final class Factory extends ConnectionFactory {
    @Override
    protected AMQConnection createConnection(
        ConnectionParams params, FrameHandler frameHandler, MetricsCollector metricsCollector) {
      return new WireConnection(params, new Frames(frameHandler), metricsCollector);
    }
  }

  @Override
  protected ChannelManager instantiateChannelManager(int channelMax, ThreadFactory threads) {
    ChannelManager manager =
        new ChannelManager(
            _workService, channelMax, threads, metricsCollector, observationCollector) {
          @Override
          protected ChannelN instantiateChannel(
              AMQConnection connection, int number, ConsumerWorkService workService) {
            return new DirectChannel(connection, number, workService);
          }
        };
    configureChannelManager(manager);
    return manager;
  }

  /** A channel with one consumer, which takes its deliveries where they arise. */
  static final class DirectChannel extends ChannelN {
    private volatile @Nullable Consumer receiver;

    private DirectChannel(AMQConnection connection, int number, ConsumerWorkService workService) {
      super(
          connection, number, workService, new NoOpMetricsCollector(), ObservationCollector.NO_OP);
    }

    /** From now on; it must not throw, block or use the channel. */
    void deliverTo(Consumer consumer) {
      receiver = consumer;
    }

    @Override
    protected void processDelivery(Command command, AMQImpl.Basic.Deliver method) {
      Consumer to = receiver;
      if (to == null) {
        super.processDelivery(command, method);
        return;
      }
      Envelope envelope =
          new Envelope(
              method.getDeliveryTag(),
              method.getRedelivered(),
              method.getExchange(),
              method.getRoutingKey());
      try {
        to.handleDelivery(
            method.getConsumerTag(),
            envelope,
            (AMQP.BasicProperties) command.getContentHeader(),
            command.getContentBody());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** The calling thread's commands are not flushed, until {@link #release}. */
  void hold() {
    frames.holder = Thread.currentThread();
  }

  /** Ends {@link #hold}; flushes nothing. */
  void release() {
    frames.holder = null;
  }

  /** Hands all on, but for the flush of the thread that holds. */
  private static final class Frames implements FrameHandler {
    private final FrameHandler socket;

    /** With two holders at once, the one that comes first only holds nothing. */
    private volatile @Nullable Thread holder;

    Frames(FrameHandler socket) {
      this.socket = socket;
    }

    @Override
    public void flush(@Nullable WriteListener listener) throws IOException {
      if (holder != Thread.currentThread()) {
        socket.flush(listener);
      } else if (listener != null) {
        listener.done(true, null);
      }
    }

    @Override
    public boolean internalHearbeat() {
      return socket.internalHearbeat();
    }

    @Override
    public void setTimeout(int timeoutMs) throws SocketException {
      socket.setTimeout(timeoutMs);
    }

    @Override
    public int getTimeout() throws SocketException {
      return socket.getTimeout();
    }

    @Override
    public void sendHeader() throws IOException {
      socket.sendHeader();
    }

    @Override
    public void initialize(AMQConnection connection) {
      socket.initialize(connection);
    }

    @Override
    public void startProcessing() {
      socket.startProcessing();
    }

    @Override
    public void finishConnectionNegotiation() {
      socket.finishConnectionNegotiation();
    }

    @Override
    public void setFrameMax(int frameMax) {
      socket.setFrameMax(frameMax);
    }

    @Override
    public Frame readFrame() throws IOException {
      return socket.readFrame();
    }

    @Override
    public void writeFrame(Frame frame) throws IOException {
      socket.writeFrame(frame);
    }

    @Override
    public void close() {
      socket.close();
    }

    @Override
    public InetAddress getLocalAddress() {
      return socket.getLocalAddress();
    }

    @Override
    public int getLocalPort() {
      return socket.getLocalPort();
    }

    @Override
    public InetAddress getAddress() {
      return socket.getAddress();
    }

    @Override
    public int getPort() {
      return socket.getPort();
    }
  }
}
