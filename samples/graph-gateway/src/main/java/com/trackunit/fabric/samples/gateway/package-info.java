// SPDX-License-Identifier: Apache-2.0
/** graph-gateway: GraphQL over HTTP and WebSocket for the clients of the fabric. */
@NullMarked
package com.trackunit.fabric.samples.gateway;

import org.jspecify.annotations.NullMarked;
