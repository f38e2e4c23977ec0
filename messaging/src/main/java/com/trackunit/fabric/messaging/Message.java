// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.TraceParent;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A message to publish: a body and what travels beside it. Immutable; each setter returns a copy.
 * The body array is not copied: leave it alone once it is given away.
 *
 * <p>Bounds of AMQP 0-9-1 are checked by {@link Publisher#publish}, before anything is sent: 255
 * bytes of UTF-8 for the routing key, each short property and each header name; header values of
 * the types that the protocol has; all headers within one frame.
 */
public final class Message {
  private final byte[] body;
  private final String routingKey;
  private final @Nullable String messageId;
  private final @Nullable String contentType;
  private final Map<String, Object> headers;

  private Message(
      byte[] body,
      String routingKey,
      @Nullable String messageId,
      @Nullable String contentType,
      Map<String, Object> headers) {
    this.body = body;
    this.routingKey = routingKey;
    this.messageId = messageId;
    this.contentType = contentType;
    this.headers = headers;
  }

  /**
   * A message with an empty routing key and nothing beside the body.
   *
   * @param body sent as it is; not copied
   * @return the message
   */
  public static Message of(byte[] body) {
    return new Message(Objects.requireNonNull(body, "body"), "", null, null, Map.of());
  }

  /**
   * Sets the routing key.
   *
   * @param value at most 255 bytes of UTF-8; default empty
   * @return a copy
   */
  public Message routingKey(String value) {
    return new Message(
        body, Objects.requireNonNull(value, "routingKey"), messageId, contentType, headers);
  }

  /**
   * Sets the id by which consumers recognise a repeated message.
   *
   * @param value at most 255 bytes of UTF-8; default: one that the publisher makes, unique
   * @return a copy
   */
  public Message messageId(String value) {
    return new Message(
        body, routingKey, Objects.requireNonNull(value, "messageId"), contentType, headers);
  }

  /**
   * Sets the content type, such as {@code application/json}.
   *
   * @param value at most 255 bytes of UTF-8; default none
   * @return a copy
   */
  public Message contentType(String value) {
    return new Message(
        body, routingKey, messageId, Objects.requireNonNull(value, "contentType"), headers);
  }

  /**
   * Sets the header {@value CorrelationId#HEADER}. (AMQP's own correlation-id property belongs to
   * request and reply.)
   *
   * @param value the id of the work this message is part of; default none
   * @return a copy
   */
  public Message correlationId(CorrelationId value) {
    return header(CorrelationId.HEADER, value.value());
  }

  /**
   * Sets the header {@value TraceParent#HEADER}.
   *
   * @param value where in the trace this message belongs; default none
   * @return a copy
   */
  public Message traceParent(TraceParent value) {
    return header(TraceParent.HEADER, value.value());
  }

  /**
   * Sets a header, in place of one of the same name.
   *
   * @param name at most 255 bytes of UTF-8
   * @param value a text, a boolean, a number, a byte array, a {@link java.util.Date}, or a list or
   *     map of such
   * @return a copy
   */
  public Message header(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(headers);
    more.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
    return new Message(body, routingKey, messageId, contentType, Collections.unmodifiableMap(more));
  }

  /**
   * The body.
   *
   * @return the array given to {@link #of}
   */
  public byte[] body() {
    return body;
  }

  /**
   * The routing key.
   *
   * @return empty by default
   */
  public String routingKey() {
    return routingKey;
  }

  /**
   * The message id.
   *
   * @return empty if the publisher shall make one
   */
  public Optional<String> messageId() {
    return Optional.ofNullable(messageId);
  }

  /**
   * The content type.
   *
   * @return empty by default
   */
  public Optional<String> contentType() {
    return Optional.ofNullable(contentType);
  }

  /**
   * The headers, those of correlation and trace among them.
   *
   * @return unmodifiable, in the order they were set
   */
  public Map<String, Object> headers() {
    return headers;
  }

  /** Shows sizes and names, never the body or a header's value. */
  @Override
  public String toString() {
    return "Message["
        + body.length
        + " bytes, key '"
        + routingKey
        + "', id "
        + messageId
        + ", headers "
        + headers.keySet()
        + "]";
  }
}
