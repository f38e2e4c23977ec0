// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Declares and compares topologies, each step on a channel that is thrown away when the step is
 * refused, as a refusal closes its channel. Blocking, one protocol call a step.
 */
final class Declarations {
  private final String operation;
  private final Connection connection;
  private @Nullable Channel channel;

  Declarations(String operation, Connection connection) {
    this.operation = operation;
    this.connection = connection;
  }

  @FunctionalInterface
  private interface Step {
    void on(Channel channel) throws IOException;
  }

  /**
   * Declares everything.
   *
   * @throws TopologyConflictException if something exists with another definition
   * @throws RabbitUnavailableException if the broker refuses otherwise, or does not answer in time
   */
  void declare(Topology topology) {
    try {
      List<Refused> refused = new ArrayList<>();
      for (Topology.Exchange exchange : topology.exchanges().values()) {
        keep(refused, exchange, attempt(exchange, declaring(exchange)));
      }
      for (Topology.Queue queue : topology.queues().values()) {
        keep(refused, queue, attempt(queue, declaring(queue)));
      }
      throwIfAny(refused);
      topology.bindings().forEach(this::bind);
    } finally {
      discard();
    }
  }

  /**
   * Declares exchanges and bindings, and those missing queues that are to be recreated.
   *
   * @param gap is told of each queue that was missing
   * @throws TopologyConflictException as {@link #declare}
   * @throws RabbitUnavailableException as {@link #declare}
   */
  void declareAgain(Topology topology, Consumer<String> gap) {
    try {
      List<Refused> refused = new ArrayList<>();
      for (Topology.Exchange exchange : topology.exchanges().values()) {
        keep(refused, exchange, attempt(exchange, declaring(exchange)));
      }
      List<String> absent = new ArrayList<>();
      List<String> recreated = new ArrayList<>();
      for (Topology.Queue queue : topology.queues().values()) {
        boolean isThere = isThere(queue, c -> c.queueDeclarePassive(queue.name()));
        if (isThere || queue.isRecreated()) {
          keep(refused, queue, attempt(queue, declaring(queue)));
        }
        if (!isThere) {
          (queue.isRecreated() ? recreated : absent).add(queue.name());
        }
      }
      throwIfAny(refused);
      topology.bindings().stream()
          .filter(binding -> !absent.contains(binding.queue()))
          .forEach(this::bind);
      recreated.forEach(gap);
    } finally {
      discard();
    }
  }

  /** What is missing or differs. */
  List<TopologyDifference> compare(Topology topology) {
    try {
      List<TopologyDifference> differences = new ArrayList<>();
      for (Topology.Exchange exchange : topology.exchanges().values()) {
        String subject = "exchange '" + exchange.name() + "'";
        compare(
            differences,
            subject,
            exchange,
            isThere(exchange, c -> c.exchangeDeclarePassive(exchange.name())),
            declaring(exchange));
      }
      for (Topology.Queue queue : topology.queues().values()) {
        String subject = "queue '" + queue.name() + "'";
        compare(
            differences,
            subject,
            queue,
            isThere(queue, c -> c.queueDeclarePassive(queue.name())),
            declaring(queue));
      }
      return differences;
    } finally {
      discard();
    }
  }

  private void compare(
      List<TopologyDifference> differences,
      String subject,
      Object wanted,
      boolean isThere,
      Step declaration) {
    if (!isThere) {
      differences.add(
          new TopologyDifference(subject, TopologyDifference.EXISTENCE, "present", "missing"));
      return;
    }
    // It is there, so this declares nothing; the broker compares.
    Exception refusal = attempt(wanted, declaration);
    if (refusal != null) {
      differences.add(TopologyDifference.of(subject, wanted.toString(), Causes.describe(refusal)));
    }
  }

  private static Step declaring(Topology.Exchange exchange) {
    return c ->
        c.exchangeDeclare(exchange.name(), exchange.type(), true, false, exchange.arguments());
  }

  private static Step declaring(Topology.Queue queue) {
    return c -> c.queueDeclare(queue.name(), true, false, false, queue.arguments());
  }

  private void bind(Topology.Binding binding) {
    Exception refusal =
        attempt(
            binding,
            c ->
                c.queueBind(
                    binding.queue(),
                    binding.exchange(),
                    binding.routingKey(),
                    binding.arguments()));
    if (refusal != null) {
      throwIfAny(List.of(new Refused(binding, refusal)));
    }
  }

  private record Refused(Object wanted, Exception refusal) {}

  private static void keep(List<Refused> refused, Object wanted, @Nullable Exception refusal) {
    if (refusal != null) {
      refused.add(new Refused(wanted, refusal));
    }
  }

  private void throwIfAny(List<Refused> refused) {
    if (refused.isEmpty()) {
      return;
    }
    Refused first = refused.get(0);
    List<TopologyDifference> differences = new ArrayList<>();
    for (Refused one : refused) {
      String wanted = one.wanted().toString();
      differences.add(
          TopologyDifference.of(
              wanted.substring(0, Math.max(0, wanted.indexOf(" ("))),
              wanted,
              Causes.describe(one.refusal())));
    }
    throw new TopologyConflictException(
        operation,
        first.wanted().toString(),
        Causes.describe(first.refusal()),
        differences,
        first.refusal());
  }

  private boolean isThere(Object what, Step passive) {
    try {
      passive.on(open());
      return true;
    } catch (IOException | ShutdownSignalException e) {
      discard();
      if (Causes.code(e) == AMQP.NOT_FOUND) {
        return false;
      }
      throw unavailable(what, e);
    }
  }

  /** Null if it was accepted, the refusal if the broker has another definition. */
  private @Nullable Exception attempt(Object what, Step step) {
    try {
      step.on(open());
      return null;
    } catch (IOException | ShutdownSignalException e) {
      discard();
      if (Causes.code(e) == AMQP.PRECONDITION_FAILED) {
        return e;
      }
      throw unavailable(what, e);
    }
  }

  private RabbitUnavailableException unavailable(Object what, Exception e) {
    return new RabbitUnavailableException(
        operation
            + ": "
            + what
            + " was refused ("
            + Causes.describe(e)
            + ")"
            + (Causes.code(e) == AMQP.NOT_FOUND
                ? "; declare what it refers to first"
                : "; try again"),
        e);
  }

  private Channel open() {
    Channel now = channel;
    if (now != null && now.isOpen()) {
      return now;
    }
    try {
      now = connection.createChannel();
      if (now == null) {
        throw new RabbitUnavailableException(
            operation
                + ": the connection has no channel left (channel_max "
                + connection.getChannelMax()
                + "); close unused publishers and consumers",
            null);
      }
      channel = now;
      return now;
    } catch (IOException | ShutdownSignalException e) {
      throw new RabbitUnavailableException(
          operation + ": no channel (" + Causes.describe(e) + "); try again", e);
    }
  }

  private void discard() {
    Channel now = channel;
    channel = null;
    if (now == null) {
      return;
    }
    try {
      now.abort();
    } catch (IOException | AlreadyClosedException e) {
      // It is closed, which is what was wanted.
    }
  }
}
