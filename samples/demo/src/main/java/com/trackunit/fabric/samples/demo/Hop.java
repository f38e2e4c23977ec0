// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import java.time.Instant;

/**
 * One place where a message was seen on the wire.
 *
 * @param place the topic or exchange
 * @param at when
 * @param correlationId its header {@code x-correlation-id}
 * @param key its Kafka key, or the AMQP header {@code x-kafka-key}; empty where there is none
 * @param bodySha256 of its bytes, in hex
 */
record Hop(Place place, Instant at, String correlationId, String key, String bodySha256) {}
