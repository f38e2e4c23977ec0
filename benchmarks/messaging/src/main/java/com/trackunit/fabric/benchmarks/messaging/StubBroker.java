// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.LongString;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.impl.LongStringHelper;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * A process that speaks just enough AMQP 0-9-1 to confirm what it has read, and throws it away:
 * what is left is what the client costs. It has a fixed rhythm: one confirm for each {@link
 * #TOGETHER} messages, or for fewer when nothing came for a millisecond. A confirm for what one
 * read happened to bring would differ from run to run, and with it the client's cost.
 */
public final class StubBroker {
  /** How many messages a confirm stands for, unless there is silence. */
  private static final int TOGETHER = 16;

  private static final int SILENCE_MILLIS = 1;
  private static final int FRAME_MAX = 131_072;
  private static final int METHOD = 1;
  private static final int HEADER = 2;

  private final Socket socket;
  private final InputStream in;
  private final DataOutputStream out;
  private final ByteBuffer read = ByteBuffer.allocate(256 << 10).flip();
  private final ByteBuffer ack = ByteBuffer.allocate(21);
  private int channel;
  private long published;
  private long confirmed;

  private StubBroker(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    this.in = socket.getInputStream();
    this.out = new DataOutputStream(new java.io.BufferedOutputStream(socket.getOutputStream()));
  }

  /**
   * Prints its port, and serves until its input ends.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) throws IOException {
    ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    Thread acceptor =
        new Thread(
            () -> {
              while (true) {
                try {
                  StubBroker connection = new StubBroker(server.accept());
                  Thread reader = new Thread(connection::serve);
                  reader.setDaemon(true);
                  reader.start();
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              }
            });
    acceptor.setDaemon(true);
    acceptor.start();
    System.out.println(server.getLocalPort());
    while (System.in.read() >= 0) {
      // until whoever started it is gone
    }
  }

  private void serve() {
    try (socket) {
      need(8); // the protocol header
      read.position(read.position() + 8);
      send(
          0,
          new AMQP.Connection.Start.Builder()
              .versionMajor(0)
              .versionMinor(9)
              .serverProperties(Map.of())
              .mechanisms(text("PLAIN"))
              .locales(text("en_US"))
              .build());
      while (frame()) {
        // until the connection is closed
      }
    } catch (EOFException e) {
      // The client has gone without a word.
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static LongString text(String value) {
    return LongStringHelper.asLongString(value);
  }

  /** Reads one frame; false after the last one. */
  private boolean frame() throws IOException {
    need(7);
    int type = read.get();
    int on = read.getShort();
    int size = read.getInt();
    need(size + 1);
    int next = read.position() + size + 1;
    boolean goesOn = true;
    if (type == METHOD) {
      goesOn = method(on, read.getShort(), read.getShort());
    } else if (type == HEADER) {
      channel = on;
      published++; // its body follows on the heels
      if (published - confirmed == TOGETHER) {
        confirmAll();
      }
    }
    read.position(next);
    return goesOn;
  }

  private boolean method(int on, int classId, int methodId) throws IOException {
    switch (classId << 16 | methodId) {
      case 10 << 16 | 11 ->
          send(
              0,
              new AMQP.Connection.Tune.Builder()
                  .channelMax(2047)
                  .frameMax(FRAME_MAX)
                  .heartbeat(0)
                  .build());
      case 10 << 16 | 40 -> send(0, new AMQP.Connection.OpenOk.Builder().build());
      case 10 << 16 | 50 -> {
        send(0, new AMQP.Connection.CloseOk.Builder().build());
        return false;
      }
      case 20 << 16 | 10 -> {
        published = 0;
        confirmed = 0;
        send(on, new AMQP.Channel.OpenOk.Builder().build());
      }
      case 20 << 16 | 40 -> send(on, new AMQP.Channel.CloseOk.Builder().build());
      case 85 << 16 | 10 -> send(on, new AMQP.Confirm.SelectOk.Builder().build());
      default -> {
        // start-ok, tune-ok and publish want no answer of their own
      }
    }
    return true;
  }

  private void send(int on, Method method) throws IOException {
    ((com.rabbitmq.client.impl.Method) method).toFrame(on).writeTo(out);
    out.flush();
  }

  private void need(int bytes) throws IOException {
    while (read.remaining() < bytes) {
      read.compact();
      int count = fill();
      read.position(Math.max(0, count) + read.position()).flip();
      if (count < 0) {
        throw new EOFException();
      }
    }
  }

  /** Reads what there is; confirms all that came before once it has waited for a while. */
  private int fill() throws IOException {
    try {
      socket.setSoTimeout(confirmed < published ? SILENCE_MILLIS : 0);
      return in.read(read.array(), read.position(), read.remaining());
    } catch (SocketTimeoutException e) {
      confirmAll();
      return 0;
    }
  }

  private void confirmAll() throws IOException {
    ack.clear()
        .put((byte) METHOD)
        .putShort((short) channel)
        .putInt(13)
        .putShort((short) 60)
        .putShort((short) 80)
        .putLong(published)
        .put((byte) 1)
        .put((byte) 0xCE);
    socket.getOutputStream().write(ack.array());
    confirmed = published;
  }
}
