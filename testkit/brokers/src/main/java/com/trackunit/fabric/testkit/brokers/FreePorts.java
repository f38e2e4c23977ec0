// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free TCP ports of the loopback address, for servers that need to know their port before they
 * start and keep it over restarts.
 *
 * <p>They come from below the range that the kernel takes ports for outgoing connections from
 * (32768 on Linux): otherwise a client that reconnects while its server is down would sooner or
 * later take the server's port, or even connect to itself. Thread-safe.
 */
public final class FreePorts {
  private static final int LOWEST = 10_240;
  private static final int BEYOND = 32_768;
  private static final int ATTEMPTS = 1_000;
  private static final Set<Integer> given = ConcurrentHashMap.newKeySet();

  private FreePorts() {}

  /**
   * A port on which nothing listens now, and that this JVM has not given out before.
   *
   * @return a port from 10240 to 32767
   * @throws TestkitException if 1000 random ports are all taken
   */
  public static int next() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, BEYOND);
      if (given.add(port) && isFree(port)) {
        return port;
      }
    }
    throw new TestkitException(
        "find a free port: " + ATTEMPTS + " random ports from 10240 to 32767 are taken", null);
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(Loopback.at(port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
