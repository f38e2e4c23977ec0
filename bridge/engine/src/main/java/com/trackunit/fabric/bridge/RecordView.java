// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.bridge;

import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** A Kafka record as filters and key functions see it. */
record RecordView(ConsumerRecord<byte @Nullable [], byte @Nullable []> record)
    implements MessageView {
  @Override
  public Optional<String> key() {
    return Optional.ofNullable(Utf8.text(record.key()));
  }

  @Override
  public Optional<String> header(String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? Optional.empty() : Optional.ofNullable(Utf8.text(header.value()));
  }

  @Override
  public byte @Nullable [] body() {
    return record.value();
  }
}
