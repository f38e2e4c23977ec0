// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.rabbitmq.client.AMQP;
import com.trackunit.fabric.core.CorrelationId;
import java.time.Clock;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** The answer to a request of a {@link Requester}. Immutable, but for the array of its body. */
public final class Reply {
  private final AMQP.BasicProperties properties;
  private final byte[] body;

  Reply(AMQP.BasicProperties properties, byte[] body) {
    this.properties = properties;
    this.body = body;
  }

  /** Answers a request at the address it names. */
  static CompletionStage<PublishOutcome> send(
      Delivery request, Message answer, Publisher relay, Clock clock) {
    String address =
        request
            .replyTo()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "reply to " + request + ": it names no address; its sender awaits none"));
    Message message =
        request
            .correlationId()
            .filter(id -> !answer.headers().containsKey(CorrelationId.HEADER))
            .map(answer::correlationId)
            .orElse(answer);
    AMQP.BasicProperties asked = request.held().properties();
    String correlation =
        asked.getCorrelationId() != null ? asked.getCorrelationId() : asked.getMessageId();
    String id = message.messageId().orElseGet(() -> UUID.randomUUID().toString());
    AMQP.BasicProperties properties =
        Publisher.properties(message, Propagation.headers(message), id, clock)
            .correlationId(correlation)
            .build();
    return relay.publish(address, properties, message.body());
  }

  /**
   * The body.
   *
   * @return as it was answered
   */
  public byte[] body() {
    return body;
  }

  /**
   * The content type.
   *
   * @return empty if the answer has none
   */
  public Optional<String> contentType() {
    return Optional.ofNullable(properties.getContentType());
  }

  /**
   * The header {@value CorrelationId#HEADER}.
   *
   * @return empty if there is none, or one that is no valid id
   */
  public Optional<CorrelationId> correlationId() {
    return header(CorrelationId.HEADER).filter(CorrelationId::isValid).map(CorrelationId::new);
  }

  /**
   * A header as text.
   *
   * @param name its name
   * @return empty if it is not there, or is neither a text, a number nor a boolean
   */
  public Optional<String> header(String name) {
    return Delivery.asText(headers().get(name));
  }

  /**
   * All headers.
   *
   * @return unmodifiable; texts are {@link com.rabbitmq.client.LongString}
   */
  public Map<String, Object> headers() {
    @Nullable Map<String, Object> headers = properties.getHeaders();
    return headers == null ? Map.of() : Collections.unmodifiableMap(headers);
  }

  /** Shows its size, never the body or a header. */
  @Override
  public String toString() {
    return "Reply[" + body.length + " bytes]";
  }
}
