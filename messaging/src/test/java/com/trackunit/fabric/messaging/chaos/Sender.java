// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.chaos;

import com.trackunit.fabric.testkit.brokers.Ledger;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends numbered messages of a few keys at an even pace, and enters each in the ledger first. */
final class Sender {
  private static final Logger log = LoggerFactory.getLogger(Sender.class);
  private static final int KEYS = 8;
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  /** Hands one message to a client; what becomes of it goes to the ledger. */
  @FunctionalInterface
  interface Client {
    void send(String id, String key, long sequence) throws Exception;
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
    this.thread = new Thread(this::send, "sender-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  private void send() {
    long[] next = new long[KEYS];
    Random random = new Random(name.hashCode());
    long due = System.nanoTime();
    while (!stopped) {
      int which = random.nextInt(KEYS);
      String key = name + "-" + which;
      long sequence = ++next[which];
      String id = key + "-" + sequence;
      ledger.sent(id, key, sequence);
      try {
        client.send(id, key, sequence);
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
      thread.join(PATIENCE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
