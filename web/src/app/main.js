// What all pages add to themselves where scripts run. Each page is complete without it.
export {};
