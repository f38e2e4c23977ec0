// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * One port-forward as the kubelet serves it over {@code v4.channel.k8s.io}: for the n-th port,
 * channel 2n carries data and channel 2n+1 an error; the first frame of each is the port's number,
 * little-endian; when the pod's side of every port has ended, the WebSocket is closed.
 */
final class Forward {
  private static final int CONNECT_MILLIS = 5_000;
  private static final int CHUNK = 32 << 10;

  private final Pod pod;
  private final List<Integer> ports;
  private final WebSocketWire wire;
  private final ThreadFactory threads;
  private final List<@Nullable Socket> backends = new CopyOnWriteArrayList<>();
  private final CountDownLatch ends;
  private final Gate gate;

  /** Holds data back while the link is frozen. */
  interface Gate {
    void pass() throws InterruptedException;
  }

  Forward(Pod pod, List<Integer> ports, WebSocketWire wire, ThreadFactory threads, Gate gate) {
    this.pod = pod;
    this.ports = ports;
    this.wire = wire;
    this.threads = threads;
    this.gate = gate;
    this.ends = new CountDownLatch(ports.size());
  }

  /** Serves until either side has ended; the caller closes the client's connection. */
  void run() throws IOException, InterruptedException {
    for (int i = 0; i < ports.size(); i++) {
      byte[] number = {0, (byte) (int) ports.get(i), (byte) (ports.get(i) >> 8)};
      for (int channel = 2 * i; channel <= 2 * i + 1; channel++) {
        number[0] = (byte) channel;
        wire.write(WebSocketWire.BINARY, number);
      }
    }
    try {
      for (int i = 0; i < ports.size(); i++) {
        backends.add(connect(i));
      }
      pod.add(this);
      for (int i = 0; i < backends.size(); i++) {
        Socket backend = backends.get(i);
        int index = i;
        if (backend != null) {
          threads.newThread(() -> fromPod(index, backend)).start();
        }
      }
      threads.newThread(this::closeAfterAll).start();
      toPod();
    } finally {
      closeBackends();
      pod.remove(this);
    }
  }

  /** The containers are killed: their sockets end, and with them the forward. */
  void podGone() {
    closeBackends();
  }

  private @Nullable Socket connect(int index) throws IOException {
    int number = ports.get(index);
    InetSocketAddress backend = pod.port(number).map(ContainerPort::backend).orElse(null);
    Socket socket = new Socket();
    try {
      if (backend == null || pod.isGone()) {
        throw new IOException("connection refused");
      }
      socket.connect(backend, CONNECT_MILLIS);
      socket.setTcpNoDelay(true);
      return socket;
    } catch (IOException refused) {
      socket.close();
      fail(index, refused);
      ends.countDown();
      return null;
    }
  }

  private void fail(int index, IOException cause) throws IOException {
    byte[] text =
        ("\0error forwarding port %d to pod %s, uid : failed to execute portforward in network"
                + " namespace \"/var/run/netns/cni-1\": failed to connect to localhost:%d inside"
                + " namespace \"1\": dial tcp4 127.0.0.1:%d: %s")
            .formatted(
                ports.get(index),
                pod.name(),
                ports.get(index),
                ports.get(index),
                cause.getMessage())
            .getBytes(StandardCharsets.UTF_8);
    text[0] = (byte) (2 * index + 1);
    wire.write(WebSocketWire.BINARY, text);
  }

  private void fromPod(int index, Socket backend) {
    byte[] buffer = new byte[CHUNK];
    try (backend) {
      InputStream in = backend.getInputStream();
      int read;
      while ((read = in.read(buffer, 0, CHUNK)) >= 0) {
        gate.pass();
        byte[] frame = new byte[read + 1];
        frame[0] = (byte) (2 * index);
        System.arraycopy(buffer, 0, frame, 1, read);
        wire.write(WebSocketWire.BINARY, frame);
      }
    } catch (IOException ended) {
      // The pod or the client is gone; either way this port has ended.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ends.countDown();
    }
  }

  private void closeAfterAll() {
    try {
      ends.await();
      gate.pass();
      wire.close(1000);
    } catch (IOException gone) {
      // The client went first.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void toPod() throws IOException, InterruptedException {
    byte[] frame;
    while ((frame = wire.read()) != null) {
      gate.pass();
      if (frame.length == 0 || frame[0] < 0 || frame[0] >= 2 * ports.size()) {
        throw new IOException("a frame for no channel");
      }
      Socket backend = backends.get(frame[0] / 2);
      if (frame[0] % 2 == 0 && backend != null) {
        try {
          backend.getOutputStream().write(frame, 1, frame.length - 1);
        } catch (IOException podClosed) {
          backend.close(); // the kubelet drops what the pod does not take
        }
      }
    }
  }

  private void closeBackends() {
    for (Socket backend : backends) {
      try {
        if (backend != null) {
          backend.close();
        }
      } catch (IOException e) {
        // It is of no use any more either way.
      }
    }
  }
}
