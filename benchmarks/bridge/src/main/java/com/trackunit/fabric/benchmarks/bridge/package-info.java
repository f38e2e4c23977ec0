// SPDX-License-Identifier: Apache-2.0
/** How fast messages move between RabbitMQ and Kafka, beside their peers. */
@NullMarked
package com.trackunit.fabric.benchmarks.bridge;

import org.jspecify.annotations.NullMarked;
