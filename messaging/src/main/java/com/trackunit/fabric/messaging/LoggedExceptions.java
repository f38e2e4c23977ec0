// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Consumer;
import com.rabbitmq.client.ExceptionHandler;
import com.rabbitmq.client.TopologyRecoveryException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what amqp-client catches, and does nothing else: its default handler closes the connection
 * from the reader thread, which then waits for itself. Our listeners let nothing escape, so only
 * the first method is expected to be called.
 */
final class LoggedExceptions implements ExceptionHandler {
  private static final Logger log = LoggerFactory.getLogger(LoggedExceptions.class);

  private final String connection;

  LoggedExceptions(String connection) {
    this.connection = connection;
  }

  @Override
  public void handleUnexpectedConnectionDriverException(Connection unused, Throwable e) {
    log.info("{} connection: {}", connection, Causes.describe(e));
  }

  @Override
  public void handleReturnListenerException(Channel unused, Throwable e) {
    unexpected("return listener", e);
  }

  @Override
  public void handleConfirmListenerException(Channel unused, Throwable e) {
    unexpected("confirm listener", e);
  }

  @Override
  public void handleBlockedListenerException(Connection unused, Throwable e) {
    unexpected("blocked listener", e);
  }

  @Override
  public void handleConsumerException(
      Channel unused, Throwable e, Consumer consumer, String consumerTag, String methodName) {
    unexpected(methodName, e);
  }

  @Override
  public void handleConnectionRecoveryException(Connection unused, Throwable e) {
    unexpected("connection recovery", e);
  }

  @Override
  public void handleChannelRecoveryException(Channel unused, Throwable e) {
    unexpected("channel recovery", e);
  }

  @Override
  public void handleTopologyRecoveryException(
      Connection unused, Channel channel, TopologyRecoveryException e) {
    unexpected("topology recovery", e);
  }

  private void unexpected(String where, Throwable e) {
    log.error("{} connection: {} threw", connection, where, e);
  }
}
