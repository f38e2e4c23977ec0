// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One subscription that is wanted until its socket closes, over however many connections.
 *
 * @param field the root field, also its id on the wire
 * @param query the GraphQL document
 * @param variables for the document
 * @param onEvent takes the root field's value of each event, on the socket's thread
 */
record Subscription(
    String field, String query, Map<String, ?> variables, Consumer<JsonNode> onEvent) {}
