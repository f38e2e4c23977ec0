// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.TraceParent;
import com.trackunit.fabric.samples.contracts.Wire;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * What travels with a photo from hop to hop.
 *
 * @param id the correlation id
 * @param trace the trace, if there is one
 */
record Journey(CorrelationId id, Optional<TraceParent> trace) {
  /** Reads HTTP headers; whoever sent no usable id gets a new one. */
  static Journey from(Function<String, @Nullable String> header) {
    String id = header.apply(CorrelationId.HEADER);
    String trace = header.apply(TraceParent.HEADER);
    return new Journey(
        id != null && CorrelationId.isValid(id) ? new CorrelationId(id) : CorrelationId.random(),
        trace == null ? Optional.empty() : TraceParent.parse(trace));
  }

  /** Reads a Kafka record's headers. */
  static Journey from(Headers headers) {
    return from(
        name -> {
          Header header = headers.lastHeader(name);
          return header == null || header.value() == null
              ? null
              : new String(header.value(), StandardCharsets.UTF_8);
        });
  }

  /** The headers that every Kafka record of ours has. */
  List<Header> headers(String schema, String producer) {
    Header named = header(Wire.Headers.SCHEMA, schema);
    Header made = header(Wire.Headers.PRODUCER, producer);
    Header correlated = header(CorrelationId.HEADER, id.value());
    return trace
        .map(parent -> List.of(named, made, correlated, header(TraceParent.HEADER, parent.value())))
        .orElseGet(() -> List.of(named, made, correlated));
  }

  private static Header header(String name, String value) {
    return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
