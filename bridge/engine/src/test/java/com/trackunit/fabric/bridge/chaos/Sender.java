// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge.chaos;

import com.trackunit.fabric.core.FabricThreads;
import com.trackunit.fabric.testkit.brokers.Ledger;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends numbered messages of a few keys at an even pace, and enters each in the ledger first. */
final class Sender {
  private static final Logger log = LoggerFactory.getLogger(Sender.class);
  private static final int KEYS = 8;
  private static final long PATIENCE_MILLIS = TimeUnit.SECONDS.toMillis(40);

  /** Hands one message to a client; what becomes of it goes to the ledger. */
  @FunctionalInterface
  interface Client {
    void send(String id, String key, byte[] body) throws Exception;
  }

  private final String name;
  private final Ledger ledger;
  private final Client client;
  private final long pauseNanos;
  private final Thread thread;
  private volatile boolean stopped;

  /** Begins to send. */
  Sender(String name, Ledger ledger, int perSecond, Client client) {
    this.name = name;
    this.ledger = ledger;
    this.client = client;
    this.pauseNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
    this.thread = FabricThreads.named("bridge", "chaos-sender").newThread(this::send);
    thread.start();
  }

  private void send() {
    long due = System.nanoTime();
    for (long count = 0; !stopped; count++) {
      String key = name + "-" + count % KEYS;
      long sequence = count / KEYS + 1;
      String id = key + "-" + sequence;
      ledger.sent(id, key, sequence);
      try {
        client.send(id, key, id.getBytes(StandardCharsets.US_ASCII));
      } catch (Exception e) {
        log.error("sender {}: the message {} has no outcome", name, id, e);
      }
      due = Math.max(due + pauseNanos, System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(20));
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }

  /** Sends nothing more, once this has returned. */
  void stop() {
    stopped = true;
    try {
      thread.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Tells a ledger of a message that has come out. */
  static void seen(Ledger ledger, byte[] body) {
    String id = new String(body, StandardCharsets.US_ASCII);
    int dash = id.lastIndexOf('-');
    ledger.seen(id, id.substring(0, dash), Long.parseLong(id.substring(dash + 1)));
  }
}
