// SPDX-License-Identifier: Apache-2.0
/** svc-messaging-bridge: moves the two Kafka topics of the fabric to their RabbitMQ exchanges. */
@NullMarked
package com.trackunit.fabric.samples.bridge;

import org.jspecify.annotations.NullMarked;
