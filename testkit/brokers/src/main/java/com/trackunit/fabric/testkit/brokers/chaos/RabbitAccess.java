// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers.chaos;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.impl.ForgivingExceptionHandler;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.testkit.brokers.FaultProxy;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;

/**
 * Where a process of a run finds RabbitMQ and as whom it enters. It goes from process to process by
 * environment, as the password is a secret. Needs {@code amqp-client} on the classpath.
 *
 * @param host name or address
 * @param port of AMQP
 * @param user an administrator
 * @param password the user's
 */
public record RabbitAccess(String host, int port, String user, Secret password) {
  /** Checks that every part is there. */
  public RabbitAccess {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(password, "password");
  }

  /**
   * Straight to a broker.
   *
   * @param node which one
   * @return where it is
   */
  public static RabbitAccess to(RabbitMqNode node) {
    return new RabbitAccess(node.host(), node.port(), node.user(), node.password());
  }

  /**
   * To the same broker by another way.
   *
   * @param proxy before the broker
   * @return a copy
   */
  public RabbitAccess through(FaultProxy proxy) {
    return new RabbitAccess(proxy.host(), proxy.port(), user, password);
  }

  /**
   * For a process that is to be started.
   *
   * @return what {@link #ofEnvironment} reads there
   */
  public Map<String, String> environment() {
    return Map.of(
        "CHAOS_HOST",
        host,
        "CHAOS_PORT",
        String.valueOf(port),
        "CHAOS_USER",
        user,
        "CHAOS_PASSWORD",
        password.reveal());
  }

  /**
   * In a process that was started with {@link #environment}.
   *
   * @return what that says
   */
  public static RabbitAccess ofEnvironment() {
    return new RabbitAccess(
        variable("CHAOS_HOST"),
        Integer.parseInt(variable("CHAOS_PORT")),
        variable("CHAOS_USER"),
        Secret.of(variable("CHAOS_PASSWORD")));
  }

  /**
   * A variable of this process.
   *
   * @param name which one
   * @return its value
   */
  public static String variable(String name) {
    return Objects.requireNonNull(System.getenv(name), name);
  }

  /**
   * What a program without our messaging uses, as it is commonly set up.
   *
   * @return with the client's own recovery
   */
  public ConnectionFactory rawClient() {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost(host);
    factory.setPort(port);
    factory.setUsername(user);
    factory.setPassword(password.reveal());
    factory.setRequestedHeartbeat(1);
    factory.setNetworkRecoveryInterval(500);
    factory.setExceptionHandler(
        new ForgivingExceptionHandler() {
          @Override
          protected void log(String message, Throwable e) {
            // Broken connections are what the run is about.
          }
        });
    return factory;
  }

  /** What an operator does on a channel. */
  @FunctionalInterface
  public interface Work {
    /**
     * Does it.
     *
     * @param channel closed after it
     * @throws IOException if the broker refuses or goes
     */
    void on(Channel channel) throws IOException;
  }

  /**
   * Does something as an operator, on a connection of its own.
   *
   * @param work what to do
   * @throws IOException if the broker is away or refuses
   * @throws TimeoutException if it does not answer
   */
  public void operate(Work work) throws IOException, TimeoutException {
    Connection connection = rawClient().newConnection("operator");
    try {
      work.on(connection.createChannel());
    } finally {
      connection.abort();
    }
  }

  /**
   * Whether no message is in any of these queues that could be given out now.
   *
   * @param queues which ones; they exist
   * @return false also if the broker does not tell
   */
  public boolean areEmpty(Collection<String> queues) {
    try {
      long[] messages = new long[1];
      operate(
          channel -> {
            for (String queue : queues) {
              messages[0] += channel.messageCount(queue);
            }
          });
      return messages[0] == 0;
    } catch (IOException | TimeoutException e) {
      return false;
    }
  }
}
