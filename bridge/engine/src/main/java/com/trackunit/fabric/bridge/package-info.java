// SPDX-License-Identifier: Apache-2.0
/**
 * The engine that moves messages between Kafka and RabbitMQ, at least once and in order, through
 * the failure of either broker. {@link com.trackunit.fabric.bridge.BridgeEngine} is the entrance.
 *
 * <p>Inside, the heart of a route is a state machine without thread, clock or client ({@code
 * RouteCore}); a driver ({@code RouteDriver}) connects it to a Kafka consumer and a RabbitMQ
 * channel.
 */
@NullMarked
package com.trackunit.fabric.bridge;

import org.jspecify.annotations.NullMarked;
