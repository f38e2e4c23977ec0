// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

/** What a network policy tells apart. All other traffic is outside of the API's promise. */
enum Protocol {
  TCP,
  UDP,
  SCTP
}
