// SPDX-License-Identifier: Apache-2.0
/**
 * RabbitMQ with honest outcomes: supervised connections, topology as a value, a publisher whose
 * every message ends Confirmed, Returned, Rejected or Unknown, and a consumer that settles by hand.
 */
@NullMarked
package com.trackunit.fabric.messaging;

import org.jspecify.annotations.NullMarked;
