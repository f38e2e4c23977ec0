// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The contracts as JSON (RFC 8259, UTF-8, camelCase): absent values are left out, unknown members
 * are ignored, moments are ISO 8601 in UTC. Thread-safe.
 */
public final class ContractCodec {
  private static final ObjectMapper JSON = mapper();

  private ContractCodec() {}

  /**
   * Writes a message.
   *
   * @param message one of the contracts of this package
   * @return its JSON
   */
  public static byte[] encode(Record message) {
    Objects.requireNonNull(message, "message");
    try {
      return JSON.writeValueAsBytes(message);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "encode " + message.getClass().getName() + ": not a contract of this package", e);
    }
  }

  /**
   * Reads a message.
   *
   * @param <T> the contract
   * @param body JSON
   * @param contract what the body should be
   * @return the message, checked
   * @throws MalformedMessageException if it is not JSON, lacks a required value or breaks a bound
   */
  public static <T extends Record> T decode(byte[] body, Class<T> contract) {
    Objects.requireNonNull(body, "body");
    String name = contract.getSimpleName();
    T message;
    try {
      message = JSON.readValue(body, contract);
    } catch (IOException e) {
      throw new MalformedMessageException(name, problem(e));
    }
    if (message == null) {
      throw new MalformedMessageException(name, "the body is null, expected a JSON object");
    }
    return message;
  }

  private static String problem(IOException e) {
    if (e instanceof ValueInstantiationException invalid
        && invalid.getCause() instanceof IllegalArgumentException broken) {
      // Written by the records of this package, which repeat no value of the body.
      return String.valueOf(broken.getMessage());
    }
    if (e.getCause() instanceof StreamReadException broken) {
      return "not JSON" + at(broken.getLocation());
    }
    if (e instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()) {
      return "the value at " + path(mapping) + " is missing or of another type";
    }
    if (e instanceof JsonProcessingException syntax) {
      return "not the JSON object expected" + at(syntax.getLocation());
    }
    return "unreadable (" + e.getClass().getSimpleName() + ")";
  }

  private static String path(JsonMappingException e) {
    return e.getPath().stream()
        .map(step -> step.getFieldName() == null ? "[]" : step.getFieldName())
        .collect(Collectors.joining("."));
  }

  private static String at(JsonLocation location) {
    return location == null
        ? ""
        : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
  }

  private static ObjectMapper mapper() {
    SimpleModule moments = new SimpleModule("moments");
    moments.addSerializer(Instant.class, ToStringSerializer.instance);
    moments.addDeserializer(Instant.class, new MomentDeserializer());
    JsonMapper mapper =
        JsonMapper.builder()
            .addModule(moments)
            .defaultPropertyInclusion(
                JsonInclude.Value.construct(
                    JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            // "12" is not 12 and 1.5 is not 1: a sender that mixes them up should hear of it.
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .build();
    mapper
        .coercionConfigFor(LogicalType.Textual)
        .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
        .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
    return mapper;
  }

  /** ISO 8601 with any offset: .NET writes {@code +00:00} where Java writes {@code Z}. */
  private static final class MomentDeserializer extends StdScalarDeserializer<Instant> {
    private static final long serialVersionUID = 1L;

    MomentDeserializer() {
      super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      if (!parser.hasToken(JsonToken.VALUE_STRING)) {
        throw context.wrongTokenException(
            parser, Instant.class, JsonToken.VALUE_STRING, "expected ISO 8601 text");
      }
      try {
        return OffsetDateTime.parse(parser.getText()).toInstant();
      } catch (DateTimeException e) {
        throw context.weirdStringException("***", Instant.class, "expected ISO 8601 with offset");
      }
    }
  }
}
