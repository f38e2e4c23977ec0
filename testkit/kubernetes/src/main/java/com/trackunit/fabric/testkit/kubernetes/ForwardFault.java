// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

/** What is wrong with the port-forwards of an API server, or of a proxy that stands before it. */
public enum ForwardFault {
  /** Nothing. */
  NONE,
  /** The upgrade is answered without a subprotocol. */
  NO_SUBPROTOCOL,
  /** The upgrade is answered with a subprotocol that nobody asked for. */
  OTHER_SUBPROTOCOL,
  /** Text comes, where each message is binary. */
  TEXT,
  /** A message comes for a channel that there is not. */
  UNKNOWN_CHANNEL,
  /** A message comes that names no channel at all. */
  EMPTY_MESSAGE,
  /** A frame comes with an opcode that RFC 6455 keeps for later. */
  RESERVED_OPCODE,
  /** A frame ends before its length is there, with the connection. */
  CUT_FRAME,
  /** The WebSocket is closed at once, with an error. */
  CLOSED;

  String subprotocol() {
    return switch (this) {
      case NO_SUBPROTOCOL -> "";
      case OTHER_SUBPROTOCOL -> "v9.channel.example";
      default -> ApiRoutes.SUBPROTOCOL;
    };
  }
}
