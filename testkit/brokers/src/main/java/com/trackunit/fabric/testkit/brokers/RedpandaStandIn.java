// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import com.trackunit.fabric.core.FabricThreads;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;

/**
 * A stand-in for Redpanda: an Apache Kafka broker formatted without its newer transactions and
 * groups ({@code transaction.version=0}, {@code group.version=0}), behind a proxy that answers
 * ApiVersions with no more than Redpanda's versions. Clients so speak to it as they would to
 * Redpanda; what Redpanda itself does is not in it.
 *
 * <p>Thread-safe. Threads named {@code fabric-testkit-brokers-redpanda-n} end with {@link #close}.
 */
public final class RedpandaStandIn implements AutoCloseable {
  private static final int API_VERSIONS = 18;
  private static final int LARGEST_FRAME = 128 * 1024 * 1024;

  private final ServerSocket listener;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ThreadFactory threads = FabricThreads.named("testkit-brokers", "redpanda");
  private volatile int brokerPort;
  private final KafkaNode node;

  private RedpandaStandIn() {
    try {
      listener = new ServerSocket();
      listener.bind(Loopback.at(0));
    } catch (IOException e) {
      throw new TestkitException("listen for a stand-in for Redpanda: " + e, e);
    }
    try {
      node =
          KafkaNode.builder()
              .feature("transaction.version", 0)
              .feature("group.version", 0)
              .advertisedAt(
                  port -> {
                    brokerPort = port;
                    threads.newThread(this::accept).start();
                    return listener.getLocalPort();
                  })
              .start();
    } catch (RuntimeException e) {
      closeQuietly(listener);
      throw e;
    }
  }

  /**
   * Starts the broker and the proxy.
   *
   * @return serves clients; whoever starts it closes it
   * @throws TestkitException if the broker does not start
   */
  public static RedpandaStandIn start() {
    return new RedpandaStandIn();
  }

  /**
   * The broker behind the proxy; its {@link KafkaNode#bootstrapServers} are the proxy's.
   *
   * @return to create topics, to kill and to freeze
   */
  public KafkaNode node() {
    return node;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        open.add(client);
        threads.newThread(() -> serve(client)).start();
      }
    } catch (IOException closed) {
      closeQuietly(listener);
    }
  }

  private void serve(Socket client) {
    Map<Integer, Integer> asked = new ConcurrentHashMap<>();
    try (client;
        Socket broker = new Socket()) {
      broker.connect(Loopback.at(brokerPort), 10_000);
      open.add(broker);
      client.setTcpNoDelay(true);
      broker.setTcpNoDelay(true);
      Thread requests = threads.newThread(() -> forward(client, broker, asked, true));
      requests.start();
      forward(broker, client, asked, false);
    } catch (IOException gone) {
      closeQuietly(client);
    } finally {
      open.removeIf(Socket::isClosed);
    }
  }

  /** Frame by frame, for the answer to ApiVersions has to be seen as a whole. */
  private static void forward(
      Socket from, Socket to, Map<Integer, Integer> asked, boolean isRequests) {
    try (from;
        to) {
      DataInputStream in = new DataInputStream(from.getInputStream());
      DataOutputStream out = new DataOutputStream(new BufferedOutputStream(to.getOutputStream()));
      while (true) {
        int size = in.readInt();
        if (size < 0 || size > LARGEST_FRAME) {
          throw new IOException("a frame of " + size + " bytes");
        }
        byte[] frame = in.readNBytes(size);
        if (frame.length < size) {
          return;
        }
        byte[] passed = isRequests ? noted(frame, asked) : clamped(frame, asked);
        out.writeInt(passed.length);
        out.write(passed);
        out.flush();
      }
    } catch (IOException gone) {
      closeQuietly(from);
    }
  }

  /** Which version of ApiVersions an answer will have, by the request's correlation id. */
  private static byte[] noted(byte[] frame, Map<Integer, Integer> asked) {
    ByteBuffer request = ByteBuffer.wrap(frame);
    if (frame.length >= 8 && request.getShort(0) == API_VERSIONS) {
      asked.put(request.getInt(4), (int) request.getShort(2));
    }
    return frame;
  }

  private static byte[] clamped(byte[] frame, Map<Integer, Integer> asked) {
    Integer version = frame.length < 4 ? null : asked.remove(ByteBuffer.wrap(frame).getInt(0));
    try {
      return version == null ? frame : RedpandaVersions.clamp(frame, version);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void closeQuietly(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      // It is of no use any more either way.
    }
  }

  @Override
  public void close() {
    try {
      node.close();
    } finally {
      closeQuietly(listener);
      open.forEach(RedpandaStandIn::closeQuietly);
    }
  }

  @Override
  public String toString() {
    return "stand-in for Redpanda at " + node.bootstrapServers();
  }
}
