// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.events;

import com.trackunit.fabric.messaging.Delivery;
import com.trackunit.fabric.messaging.DeliveryHandler;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A {@link DeliveryHandler} that reads bodies by their {@code x-schema} and calls the handler of
 * that type. When it returns, the delivery is acked, unless it was settled; when it throws, the
 * attempt has failed. A body that cannot be read, and a schema that nobody handles, are
 * dead-lettered at once: another attempt would change nothing. Immutable once started; build it in
 * one thread.
 *
 * <pre>{@code
 * rabbit.consumer("billing").start(
 *     Subscription.to(STARTED_V1, (event, delivery) -> ...).and(STARTED_V2, (event, delivery) -> ...));
 * }</pre>
 */
public final class Subscription implements DeliveryHandler {
  /**
   * The application's code for one value.
   *
   * @param <T> the values
   */
  @FunctionalInterface
  public interface Handler<T> {
    /**
     * Handles one value, on the thread that {@link DeliveryHandler} names.
     *
     * @param value what arrived
     * @param delivery for its ids and headers, or to settle it in another way
     * @throws Exception any failure of the attempt
     */
    void handle(T value, Delivery delivery) throws Exception;
  }

  private record Route<T>(MessageType<T> type, Handler<T> handler) {
    void handle(Delivery delivery) throws Exception {
      T value;
      try {
        value = type.codec().decode(delivery.body());
      } catch (UnreadableBodyException e) {
        var unused = delivery.deadLetter("unreadable as " + type.schema(), e);
        return;
      }
      handler.handle(value, delivery);
      delivery.ackUnlessSettled();
    }
  }

  private final Map<String, Route<?>> routes = new LinkedHashMap<>();
  private @Nullable Route<?> withoutSchema;
  private boolean ignoresOthers;

  private Subscription() {}

  /**
   * Handles one type.
   *
   * @param <T> its values
   * @param type what to handle
   * @param handler the application's code
   * @return for {@link #and}, or to start a consumer with
   */
  public static <T> Subscription to(MessageType<T> type, Handler<T> handler) {
    return new Subscription().and(type, handler);
  }

  /**
   * Handles one more type, such as the next version.
   *
   * @param <T> its values
   * @param type what to handle
   * @param handler the application's code
   * @return this
   * @throws IllegalArgumentException if its schema is handled already
   */
  public <T> Subscription and(MessageType<T> type, Handler<T> handler) {
    Route<T> route = new Route<>(type, Objects.requireNonNull(handler, "handler"));
    if (routes.putIfAbsent(type.schema(), route) != null) {
      throw new IllegalArgumentException(
          "subscription: schema " + type.schema() + " has two handlers; give each version its id");
    }
    return this;
  }

  /**
   * Takes messages without {@code x-schema} for this type, from publishers that know no schemas.
   *
   * @param schema one that is handled
   * @return this
   * @throws IllegalArgumentException if it is not handled
   */
  public Subscription withoutSchemaAs(String schema) {
    Route<?> route = routes.get(schema);
    if (route == null) {
      throw new IllegalArgumentException(
          "subscription: schema " + schema + " has no handler, expected one of " + routes.keySet());
    }
    withoutSchema = route;
    return this;
  }

  /**
   * Acks what has a schema that nobody handles, instead of dead-lettering it: for queues that get
   * more than they want.
   *
   * @return this
   */
  public Subscription ignoringOthers() {
    ignoresOthers = true;
    return this;
  }

  @Override
  public void handle(Delivery delivery) throws Exception {
    String schema = delivery.header(MessageType.SCHEMA_HEADER).orElse(null);
    Route<?> route = schema == null ? withoutSchema : routes.get(schema);
    if (route != null) {
      route.handle(delivery);
    } else if (ignoresOthers) {
      var unused = delivery.ack();
    } else {
      var unused =
          delivery.deadLetter("schema is " + schema + ", expected one of " + routes.keySet());
    }
  }
}
