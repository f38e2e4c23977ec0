// SPDX-License-Identifier: Apache-2.0
/**
 * The port to RabbitMQ that publishers, consumers and the bridge engine share: one supervised
 * channel, reopened in epochs. Events come in ({@link
 * com.trackunit.fabric.messaging.channel.ChannelEvents}), commands go out ({@link
 * com.trackunit.fabric.messaging.channel.ChannelPort}).
 *
 * <p>Applications use {@code Publisher} and {@code Consumer}; this package is for engines that
 * bring their own window.
 */
@NullMarked
package com.trackunit.fabric.messaging.channel;

import org.jspecify.annotations.NullMarked;
