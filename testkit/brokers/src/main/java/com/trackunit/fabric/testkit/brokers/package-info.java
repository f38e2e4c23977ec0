// SPDX-License-Identifier: Apache-2.0
/**
 * Real brokers for tests: private RabbitMQ and Kafka nodes that nothing survives, a proxy that
 * breaks connections on demand, and a ledger that tells what became of every message.
 */
@NullMarked
package com.trackunit.fabric.testkit.brokers;

import org.jspecify.annotations.NullMarked;
