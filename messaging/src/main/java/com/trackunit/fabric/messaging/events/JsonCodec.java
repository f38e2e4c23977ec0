// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging.events;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Objects;

/**
 * JSON (RFC 8259) for records and beans: unknown members are ignored, so that a publisher may add
 * some; absent values are left out. Thread-safe.
 *
 * @param <T> the values
 */
public final class JsonCodec<T> implements Codec<T> {
  private static final ObjectMapper DEFAULT =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
          .build();

  private final Class<T> type;
  private final ObjectMapper mapper;

  private JsonCodec(Class<T> type, ObjectMapper mapper) {
    this.type = Objects.requireNonNull(type, "type");
    this.mapper = Objects.requireNonNull(mapper, "mapper");
  }

  /**
   * A codec with our own mapper.
   *
   * @param <T> the values
   * @param type a record, or a class that Jackson can read and write
   * @return the codec
   */
  public static <T> JsonCodec<T> of(Class<T> type) {
    return new JsonCodec<>(type, DEFAULT);
  }

  /**
   * A codec with a mapper of your own, for modules such as java.time's.
   *
   * @param <T> the values
   * @param type what Jackson reads and writes
   * @param mapper configured before; not changed here
   * @return the codec
   */
  public static <T> JsonCodec<T> of(Class<T> type, ObjectMapper mapper) {
    return new JsonCodec<>(type, mapper);
  }

  @Override
  public String contentType() {
    return "application/json";
  }

  @Override
  public byte[] encode(T value) {
    try {
      return mapper.writeValueAsBytes(Objects.requireNonNull(value, "value"));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "write " + type.getName() + " as JSON: " + e.getOriginalMessage(), e);
    }
  }

  @Override
  public T decode(byte[] body) {
    T value;
    try {
      value = mapper.readValue(body, type);
    } catch (IOException e) {
      // Jackson's own text may quote the body.
      String where =
          e instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()
              ? " at '" + mapping.getPath().get(0).getFieldName() + "'"
              : "";
      throw new UnreadableBodyException(
          type.getSimpleName(), e.getClass().getSimpleName() + where, null);
    }
    if (value == null) {
      throw new UnreadableBodyException(type.getSimpleName(), "it is the JSON null", null);
    }
    return value;
  }
}
