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
import com.rabbitmq.client.impl.SocketFrameHandler;
import com.rabbitmq.client.observation.ObservationCollector;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * amqp-client's connection without three things that cost it more than all we do. A thread can
 * suspend the flush after each of its commands: what it writes stays in amqp-client's buffer of 8
 * KiB until that is full or anybody flushes. A channel can hand deliveries over on the reader
 * thread, without the work pool between, whose place for 256 tasks is made anew for each. And who
 * takes them is told when the reader goes back to the socket, so that a thread is woken once for
 * all that one read has brought.
 */
final class WireConnection extends AMQConnection {
  private final Frames frames;
  private final List<DirectChannel> delivered = new ArrayList<>(); // the reader thread's own

  private WireConnection(ConnectionParams params, Frames frames, MetricsCollector metrics) {
    super(params, frames, metrics, ObservationCollector.NO_OP);
    this.frames = frames;
    frames.beforeRead = this::endBatch;
  }

  private void endBatch() {
    if (!delivered.isEmpty()) {
      delivered.forEach(DirectChannel::endBatch);
      delivered.clear();
    }
  }

  /** Makes such connections. */
  static final class Factory extends ConnectionFactory {
    @Override
    protected AMQConnection createConnection(
        ConnectionParams params, FrameHandler frameHandler, MetricsCollector metricsCollector) {
      return new WireConnection(
          params,
          new Frames((SocketFrameHandler) frameHandler, params.getMaxInboundMessageBodySize()),
          metricsCollector);
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
            return new DirectChannel(WireConnection.this, number, workService);
          }
        };
    configureChannelManager(manager);
    return manager;
  }

  /** Takes deliveries on the reader thread: it must not throw, block or use the channel. */
  interface Receiver extends Consumer {
    /** What was delivered since the last call is all that has arrived. */
    void endBatch();
  }

  /** A channel with one consumer, which takes its deliveries where they arise. */
  static final class DirectChannel extends ChannelN {
    private final WireConnection wire;
    private volatile @Nullable Receiver receiver;
    private boolean hasBatch; // the reader thread's own

    private DirectChannel(WireConnection wire, int number, ConsumerWorkService workService) {
      super(wire, number, workService, new NoOpMetricsCollector(), ObservationCollector.NO_OP);
      this.wire = wire;
    }

    /** From now on. */
    void deliverTo(Receiver to) {
      receiver = to;
    }

    private void endBatch() {
      hasBatch = false;
      Receiver to = receiver;
      if (to != null) {
        to.endBatch();
      }
    }

    @Override
    protected void processDelivery(Command command, AMQImpl.Basic.Deliver method) {
      Receiver to = receiver;
      if (to == null) {
        super.processDelivery(command, method);
        return;
      }
      if (!hasBatch) {
        hasBatch = true;
        wire.delivered.add(this);
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

  /**
   * Hands all on, but for the flush of the thread that holds, and reads through a larger buffer
   * that says when it is empty. The handler's own is then passed by: it is smaller than any read.
   */
  private static final class Frames implements FrameHandler {
    private static final int BUFFER = 32 * 1024;
    private static final int LEAST_FRAME_MAX = 8192; // amqp-client's, as brokers may send more
    private static final int FRAME_OVERHEAD = 8; // AMQP 0-9-1, 4.2.3

    private final FrameHandler socket;
    private final DataInputStream in;
    private volatile int payloadLimit;
    private Runnable beforeRead = () -> {};

    /** With two holders at once, the one that comes first only holds nothing. */
    private volatile @Nullable Thread holder;

    Frames(SocketFrameHandler socket, int firstPayloadLimit) {
      this.socket = socket;
      this.payloadLimit = firstPayloadLimit;
      InputStream watched =
          new FilterInputStream(socket.getInputStream()) {
            @Override
            public int read(byte[] into, int from, int most) throws IOException {
              beforeRead.run();
              return super.read(into, from, most);
            }
          };
      this.in = new DataInputStream(new BufferedInputStream(watched, BUFFER));
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
      payloadLimit =
          frameMax > 0 ? Math.max(frameMax, LEAST_FRAME_MAX) - FRAME_OVERHEAD : Integer.MAX_VALUE;
      socket.setFrameMax(frameMax);
    }

    @Override
    public Frame readFrame() throws IOException {
      return Frame.readFrom(in, () -> payloadLimit);
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
